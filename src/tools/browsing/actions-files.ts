import { basename, extname, parse } from 'node:path';
import mime from 'mime';
import type { Locator } from 'playwright-core';
import { workspaceFileUri } from '../../resources/uris.ts';
import { type Action, type Doing, element, limitsOf } from './action.ts';
import { listIn } from './actions-input.ts';
import { contentOf, downloadBy } from './download.ts';
import { shot } from './screenshot.ts';

/** Of the name of a file that a page has named. */
const MAX_NAME = 60;
/** Playwright sends files along with the call up to this size. */
const MAX_UPLOAD_BYTES = 50 * 1024 * 1024;

/** What moves files between the workspace and the page. The browser may be far away, so they go over the connection. */
export const fileActions = {
  upload: {
    target: 'needed',
    value: 'needed',
    wants: 'a file of the workspace, or several as a JSON list',
    async run(doing) {
      const at = await element(doing);
      const files = await payloadsOf(doing);
      if (await takesFiles(at, doing)) await at.setInputFiles(files, limitsOf(doing));
      else {
        const chooser = doing.tab.page.waitForEvent('filechooser', limitsOf(doing));
        chooser.catch(() => {});
        await at.click(limitsOf(doing));
        await (await chooser).setFiles(files, limitsOf(doing));
      }
      return undefined;
    },
  },
  download: {
    target: 'needed',
    value: 'optional',
    wants: 'the file of the workspace to write',
    async run(doing) {
      const { tab, value } = doing;
      await checkPath(doing, value);
      const at = await element(doing);
      const { download, size } = await downloadBy(tab.page, () => at.click(limitsOf(doing)), doing);
      tab.downloads.length = 0;
      const content = await contentOf(tab.page, download, size, doing);
      return save(doing, value ?? (await freeName(doing, download.suggestedFilename())), content);
    },
  },
  pdf: {
    target: 'none',
    value: 'needed',
    wants: 'the file of the workspace to write',
    reads: true,
    async run(doing) {
      await checkPath(doing, doing.value);
      return save(doing, doing.value ?? '', await doing.tab.page.pdf({ printBackground: true }));
    },
  },
  screenshot: {
    target: 'optional',
    value: 'optional',
    wants: 'full for the whole length of the page, or the file of the workspace to write, .png or .jpg',
    check: (value) => (/^full$|\.(?:png|jpe?g)$/i.test(value) ? undefined : 'it is none of these'),
    reads: true,
    async run(doing) {
      const isFull = doing.value === 'full';
      const path = isFull ? undefined : doing.value;
      await checkPath(doing, path);
      const image = await shot(doing.target ? await element(doing) : doing.tab.page, {
        isFull,
        isPng: path !== undefined && !/^\.jpe?g$/i.test(extname(path)),
        ...limitsOf(doing),
      });
      if (path) return save(doing, path, image.content);
      doing.findings.images.push({ mimeType: image.type, base64: image.content.toString('base64') });
      return undefined;
    },
  },
} satisfies Record<string, Action>;

interface Upload {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

async function payloadsOf({ context, value = '' }: Doing): Promise<Upload[]> {
  let room = MAX_UPLOAD_BYTES;
  const files: Upload[] = [];
  for (const path of listIn(value)) {
    const buffer = await context.workspace.read(path, room);
    room -= buffer.length;
    const mimeType = mime.getType(path) ?? 'application/octet-stream';
    files.push({ name: basename(path), mimeType, buffer });
  }
  return files;
}

function takesFiles(at: Locator, doing: Doing): Promise<boolean> {
  const isFileInput = ({ control, type }: { control?: { type?: string }; type?: string }) =>
    (control ?? { type }).type === 'file';
  return at.evaluate(isFileInput, undefined, limitsOf(doing));
}

/** Before anything is clicked. @throws ToolFailure where the file could not be written. */
async function checkPath({ context }: Doing, path: string | undefined): Promise<void> {
  if (path) await context.workspace.checkWritable(path);
}

/** A name of the workspace for a file that the page has named: plain, so that it tells nobody anything, and of no file that is there. */
async function freeName({ context }: Doing, given: string): Promise<string> {
  const plain = basename(given)
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^\.+/, '');
  const { name, ext } = parse(plain.slice(-MAX_NAME) || 'download');
  for (let number = 1; ; number++) {
    const free = number === 1 ? `${name}${ext}` : `${name}-${number}${ext}`;
    if (!(await context.workspace.has(free))) return free;
  }
}

async function save({ context, findings }: Doing, path: string, content: Uint8Array): Promise<string> {
  const wasThere = await context.workspace.has(path);
  findings.saved.push(await context.workspace.write(path, content));
  findings.links.push({
    uri: workspaceFileUri(context.workspace.nameOf(path)),
    name: basename(path),
    mimeType: mime.getType(path) ?? undefined,
    size: content.length,
  });
  return `${wasThere ? 'replaced' : 'saved'} ${path}, ${content.length} bytes`;
}
