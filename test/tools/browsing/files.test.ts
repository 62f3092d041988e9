import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResource } from '../../../src/resources/resources.ts';
import { browserRig } from './support.ts';

const rig = browserRig();
const open = (page: string) => ({ action: 'open', value: `${rig.pages.url}/${page}` });
const file = (path: string) => join(rig.context.workspace.root, path);
const saved = (path: string) => readFileSync(file(path), 'utf8');

test('files of the workspace are uploaded to a field, and to what opens a chooser', async () => {
  await rig.context.workspace.write('a.txt', Buffer.from('first'));
  await rig.context.workspace.write('b.csv', Buffer.from('second'));
  const { page } = await rig.browse({
    steps: [open('upload.html'), { action: 'upload', target: 'label=Files', value: '["a.txt", "b.csv"]' }],
  });
  expect(page).toContain('a.txt text/plain first; b.csv text/csv second');
  const chosen = await rig.browse({
    steps: [{ action: 'upload', target: 'button "Choose files"', value: 'b.csv' }],
  });
  expect(chosen.page).toContain('b.csv text/csv second');
  const missing = await rig.browse({
    steps: [{ action: 'upload', target: 'label=Files', value: 'nothing.txt' }],
  });
  expect(missing.message).toMatch(/nothing.txt/);
});

test('downloads are saved to the workspace, from wherever the page has them', async () => {
  const answer = await rig.browse({
    steps: [
      open('downloads.html'),
      { action: 'download', target: 'link "Report"' },
      { action: 'download', target: 'link "Blob"', value: 'out/blob.txt' },
      { action: 'download', target: 'link "Data"' },
      { action: 'download', target: 'link "Mine"', value: 'mine.csv' },
    ],
  });
  expect(answer.saved).toEqual(['report.csv', 'out/blob.txt', 'data.txt', 'mine.csv'].map(file));
  expect(['report.csv', 'out/blob.txt', 'data.txt', 'mine.csv'].map(saved)).toEqual([
    'tree,price\noak,12\n',
    'from a blob',
    'from data',
    'mine\n',
  ]);
  const again = await rig.browse({ steps: [{ action: 'download', target: 'link "Report"' }] });
  expect(again.saved).toEqual([file('report-2.csv')]);
  const clicked = await rig.browse({ steps: [{ action: 'click', target: 'link "Report"' }] });
  expect(clicked.results).toContain('not saved: report.csv');
  const huge = await rig.browse({
    steps: [{ action: 'download', target: 'link "Huge"' }],
    timeout_seconds: 60,
  });
  expect(huge.message).toContain('the file has more than 100 MB');
  const none = await rig.browse({
    steps: [{ action: 'download', target: 'button "No download"' }],
    timeout_seconds: 1,
  });
  expect(none.message).toContain('no download began');
  const outside = await rig.browse({
    steps: [{ action: 'download', target: 'link "Report"', value: '../x' }],
  });
  expect(outside.message).toContain('does not lie in the workspace');
});

test('pictures are shown or saved, and pages saved as PDF', async () => {
  const { content, saved: paths } = await rig.browse({
    steps: [
      open('catalogue.html'),
      { action: 'screenshot' },
      { action: 'screenshot', target: 'table "Trees"' },
      { action: 'screenshot', value: 'full' },
      { action: 'screenshot', value: 'shot.png' },
      { action: 'pdf', value: 'page.pdf' },
    ],
  });
  const images = content.filter(({ type }) => type === 'image');
  expect(images.map(({ mimeType }) => mimeType)).toEqual(Array(3).fill('image/jpeg'));
  for (const { data = '' } of images)
    expect(Buffer.from(data, 'base64').subarray(0, 3)).toEqual(Buffer.from('ffd8ff', 'hex'));
  expect(paths).toEqual(['shot.png', 'page.pdf'].map(file));
  expect(readFileSync(file('shot.png')).subarray(1, 4).toString()).toBe('PNG');
  expect(saved('page.pdf')).toMatch(/^%PDF-/);
  const [, pdf] = content.filter(({ type }) => type === 'resource_link');
  expect(pdf).toMatchObject({ uri: 'agentcore://workspace/page.pdf', mimeType: 'application/pdf' });
  const { contents } = await readResource(rig.context, pdf?.uri ?? '', new AbortController().signal);
  expect(contents).toMatchObject([{ blob: readFileSync(file('page.pdf')).toString('base64') }]);
});
