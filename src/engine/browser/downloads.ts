import type { Cdp } from './cdp.ts';

/** What one download may have, in bytes. */
export const MAX_DOWNLOAD = 256 * 1024 ** 2;

/** Cancels downloads that are too large, whoever has asked for them and wherever they land. */
export async function limitDownloads(cdp: Cdp): Promise<void> {
  cdp.on(({ method, params }) => {
    if (method !== 'Browser.downloadProgress' || params.state !== 'inProgress') return;
    const { guid, receivedBytes, totalBytes } = params as Record<string, number>;
    if (Math.max(receivedBytes ?? 0, totalBytes ?? 0) <= MAX_DOWNLOAD) return;
    cdp.send('Browser.cancelDownload', { guid }).catch(() => {
      // It has ended meanwhile.
    });
  });
  await cdp.send('Browser.setDownloadBehavior', { behavior: 'default', eventsEnabled: true });
}
