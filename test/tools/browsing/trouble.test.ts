import { expect, test } from 'vitest';
import { Tabs } from '../../../src/tools/browsing/tabs.ts';
import { runTool } from '../../../src/tools/call.ts';
import { browserRig } from './support.ts';

const rig = browserRig();
const open = (page: string) => ({ action: 'open', value: `${rig.pages.url}/${page}` });
const click = (target: string) => ({ action: 'click', target });

test('what is ambiguous is listed with refs, and a ref is one of them', async () => {
  const failed = await rig.browse({ steps: [open('obstacles.html'), click('button "Delete"')] });
  expect(failed.message).toContain('Step 2 (click button "Delete") failed: 2 elements fit. Step 1 was done.');
  expect(failed.details).toMatch(
    /^button "Delete" \[e\d+\] in article "Red" \[e\d+\]\nbutton "Delete" \[e\d+\] in article "Blue"/,
  );
  const ref = /button "Delete" \[(e\d+)\] in article "Blue"/.exec(String(failed.details))?.[1] ?? '';
  const done = await rig.browse({ steps: [click(ref)] });
  expect(done.page).toMatch(/^Obstacles — /);
  const focused = await rig.browse({
    steps: [{ action: 'evaluate', value: 'document.activeElement.parentElement.ariaLabel' }],
  });
  expect(focused.results).toBe('1 evaluate: Blue');
});

test.each([
  ['button "Covered"', 'something else covers it', 'We use cookies'],
  ['button "Frozen"', 'it is disabled', ''],
  ['button "Sav', 'the selector is not valid', ''],
  ['button "Nowhere"', 'there is no such element on the page', 'button "Covered"'],
  ['e999999', 'there is no e999999', ''],
])('%s: %s', async (target, why, seen) => {
  const failed = await rig.browse({ steps: [open('obstacles.html'), click(target)], timeout_seconds: 1 });
  expect(failed.message).toBe(`Step 2 (click ${target}) failed: ${why}. Step 1 was done.`);
  expect(failed.details).toContain(seen);
});

test('a read-only field says so', async () => {
  const steps = [open('obstacles.html'), { action: 'type', target: 'label=Read only', value: 'x' }];
  expect(await rig.browse({ steps, timeout_seconds: 1 })).toMatchObject({
    message: expect.stringContaining('failed: it is read-only.'),
  });
});

test('an open dialog is named, holds up other steps, and is answered', async () => {
  const { page } = await rig.browse({ steps: [open('dialogs.html'), click('button "Confirm"')] });
  expect(page).toMatch(/^.*dialogs.html\nopen dialog: confirm "Really\?"$/);
  const held = await rig.browse({ steps: [click('button "Alert"')] });
  expect(held).toMatchObject({
    code: 'StepFailed',
    hint: expect.stringMatching(/^Answer it with a dialog step/),
  });
  const answered = await rig.browse({
    steps: [
      { action: 'dialog', value: 'dismiss' },
      click('button "Prompt"'),
      { action: 'dialog', value: 'World' },
    ],
  });
  expect(answered.page).toContain('hello World');
  const ahead = await rig.browse({
    steps: [{ action: 'dialog', value: 'accept' }, click('button "Confirm"')],
  });
  expect(ahead.page).toContain('yes');
  expect(ahead.results).toBe('dialog: confirm "Really?": accept');
});

test('a page that never ends is shown as far as it is there', async () => {
  const { page, results } = await rig.browse({
    steps: [open('endless'), click('button "Act"')],
    timeout_seconds: 1,
  });
  expect(results).toBe('1 open: still loading after 1 s; this is what is there');
  expect(page).toContain('heading "So far"');
});

test('a server that says nothing, a closed port and an HTTP error are told apart', async () => {
  const silent = await rig.browse({ steps: [open('silent')], timeout_seconds: 1 });
  expect(silent.message).toContain('it was not done within 1 s');
  const closed = await rig.browse({ steps: [{ action: 'open', value: '127.0.0.1:1999' }] });
  expect(closed.message).toContain('nothing listens at this address');
  const missing = await rig.browse({ steps: [open('status/404')] });
  expect(missing.results).toBe('1 open: HTTP 404');
});

test('a page that crashed or is too busy says so, and another can be opened', async () => {
  await rig.browse({ steps: [open('form.html')] });
  const { current } = await Tabs.of(rig.connection);
  const cdp = await current?.page.context().newCDPSession(current.page);
  const crashed = rig.browse({ steps: [{ action: 'wait', value: '20000' }] });
  cdp?.send('Page.crash').catch(() => {});
  expect(await crashed).toMatchObject({ message: expect.stringContaining('the page has crashed') });
  const next = await rig.browse({ steps: [{ action: 'text' }] });
  expect(next).toMatchObject({
    code: 'StepFailed',
    hint: expect.stringContaining('An open step opens a page anew.'),
  });
  const busy = await rig.browse({
    steps: [open('form.html'), { action: 'evaluate', value: 'for (;;) {}' }],
    timeout_seconds: 1,
  });
  expect(busy.message).toContain('the page may be too busy to answer');
  expect(busy.details).toContain('(The page does not answer.)');
  const again = await rig.browse({ steps: [{ action: 'tab', value: 'new' }, open('form.html')] });
  expect(again.page).toContain('heading "Order a tree"');
  const closed = await rig.browse({
    steps: [1, 'close'].map((value) => ({ action: 'tab', value: `${value}` })),
  });
  expect(closed.page).toMatch(/^Order — /);
});

test('a cancelled call stops', async () => {
  const stop = new AbortController();
  const steps = [open('form.html'), { action: 'wait', target: '#never' }];
  const call = runTool(rig.context, 'browse', { steps, timeout_seconds: 300 }, { signal: stop.signal });
  setTimeout(() => stop.abort(), 500);
  expect(await call).toMatchObject({ isError: true });
});

test('what went wrong in the page is counted, and listed when asked', async () => {
  const { note } = await rig.browse({
    steps: [
      open('problems.html'),
      click('button "Complain"'),
      click('button "Throw"'),
      click('button "Fail"'),
    ],
  });
  expect(note).toMatch(
    /^\d console errors, 2 failed requests \(the steps console and requests show them\)\.$/,
  );
  const { results } = await rig.browse({
    steps: [{ action: 'console', value: 'error' }, { action: 'requests' }],
  });
  expect(results).toContain('error: the button is broken');
  expect(results).toContain('error: thrown on purpose');
  expect(results).toMatch(/GET 404 \S+missing.png\nGET 500 \S+500$/);
});
