import type { CDPSession, Download, Page, Response } from 'playwright-core';
import type { Limits } from './tab.ts';
import { Trouble } from './trouble.ts';

const MAX_BYTES = 100 * 1024 * 1024;

/**
 * The download that something sets off, and the bytes it is said to have.
 * @throws Trouble where none begins.
 */
export async function downloadBy(
  page: Page,
  work: () => Promise<void>,
  { timeout, signal }: Limits,
): Promise<{ download: Download; size: number | undefined }> {
  const sizes = new Map<string, string | undefined>();
  const heard = (response: Response) => sizes.set(response.url(), response.headers()['content-length']);
  page.on('response', heard);
  try {
    const coming = page.waitForEvent('download', { timeout, signal });
    coming.catch(() => {});
    await work();
    const download = await coming;
    const size = sizes.get(download.url());
    return { download, size: size === undefined ? undefined : Number(size) };
  } catch (error) {
    if (!/waiting for event "download"/.test((error as Error).message)) throw error;
    throw new Trouble('no download began', { hint: 'A click step goes where a link leads.', cause: error });
  } finally {
    page.off('response', heard);
  }
}

/**
 * What a download holds. The disk of the browser is not ours, so the same address is read once more, by the page and
 * with its cookies.
 * @throws Trouble where it cannot be had that way, or has more than 100 MB.
 */
export async function contentOf(
  page: Page,
  download: Download,
  size: number | undefined,
  { signal }: Limits,
): Promise<Buffer> {
  const url = download.url();
  download.cancel().catch(() => {});
  if (size !== undefined && size > MAX_BYTES) throw tooLarge();
  if (url.startsWith('data:')) return small(Buffer.from(await (await fetch(url)).arrayBuffer()));
  if (url.startsWith('blob:'))
    return small(Buffer.from((await page.evaluate(blobReader(url))) as string, 'base64'));
  const session = await page.context().newCDPSession(page);
  try {
    return await resource(session, url, signal);
  } finally {
    session.detach().catch(() => {});
  }
}

function small(content: Buffer): Buffer {
  if (content.length > MAX_BYTES) throw tooLarge();
  return content;
}

/** A blob lives in its page only. */
function blobReader(url: string): string {
  return `fetch(${JSON.stringify(url)}).then((answer) => answer.blob()).then((blob) => new Promise((done, failed) => {
    if (blob.size > ${MAX_BYTES}) failed(new Error('too large'));
    const reader = new FileReader();
    reader.onload = () => done(reader.result.replace(/^[^,]*,/, ''));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  }))`;
}

async function resource(session: CDPSession, url: string, signal: AbortSignal): Promise<Buffer> {
  const { frameTree } = await session.send('Page.getFrameTree');
  const { resource } = await session.send('Network.loadNetworkResource', {
    frameId: frameTree.frame.id,
    url,
    options: { disableCache: false, includeCredentials: true },
  });
  const { success, stream, httpStatusCode, netErrorName } = resource;
  if (!success || !stream)
    throw new Trouble(
      `the file could not be read: ${httpStatusCode ? `HTTP ${httpStatusCode}` : netErrorName}`,
      {
        hint: 'A file that is sent only once, or in answer to a form, cannot be had.',
      },
    );
  try {
    return await streamed(session, stream, signal);
  } finally {
    session.send('IO.close', { handle: stream }).catch(() => {});
  }
}

const tooLarge = () => new Trouble(`the file has more than ${MAX_BYTES / 1024 / 1024} MB`);

async function streamed(session: CDPSession, handle: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    signal.throwIfAborted();
    const { data, base64Encoded, eof } = await session.send('IO.read', { handle, size: 1024 * 1024 });
    const chunk = Buffer.from(data, base64Encoded ? 'base64' : 'latin1');
    size += chunk.length;
    if (size > MAX_BYTES) throw tooLarge();
    chunks.push(chunk);
    if (eof) return Buffer.concat(chunks);
  }
}
