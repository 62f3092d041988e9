import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Egress } from '../egress/index.ts';
import type { Process, Sandbox } from '../sandbox/sandbox.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { type Browser, BrowserError, type BrowserSpec, type ViewPort } from './browser.ts';
import { type Cdp, CdpError, openCdp } from './cdp.ts';
import { limitDownloads } from './downloads.ts';
import { devtoolsPort } from './places.ts';

const FIRST_PAGE_MS = 20_000;
const LOOK_AGAIN_MS = 10;

/** The one way out of a browser, which leads nowhere until it is somebody's. */
export class WayOut {
  egress: Egress | undefined;

  take(socket: Duplex): void {
    if (this.egress) this.egress.serve(socket);
    else socket.destroy();
  }
}

interface Parts {
  sandbox: Sandbox;
  process: Process;
  wayOut: WayOut;
  devtoolsPath: string;
  /** A client that stays for as long as the browser lives. */
  cdp: Cdp;
}

/** A Chromium that has started and is yet to be given to somebody. */
export class RunningChromium {
  readonly ended: Promise<string>;
  readonly #parts: Parts;
  readonly #windowId: number;

  private constructor(parts: Parts, windowId: number) {
    const { sandbox, process } = parts;
    this.#parts = parts;
    this.#windowId = windowId;
    const exited = process.exited.then((code) =>
      process.interruption === 'memory'
        ? 'its memory limit was exceeded, and all its processes were ended'
        : `Chromium ended with exit code ${code}`,
    );
    this.ended = Promise.race([sandbox.ended, exited.catch(() => sandbox.ended)]);
    void this.ended.then(() => sandbox.close());
  }

  /** @throws CdpError where it does not answer, BrowserError where it opens no page. */
  static async furnish(parts: Parts): Promise<RunningChromium> {
    const { cdp } = parts;
    const [targetId] = await Promise.all([firstPage(cdp), limitDownloads(cdp)]);
    const { windowId } = await cdp.send('Browser.getWindowForTarget', { targetId });
    return new RunningChromium(parts, windowId);
  }

  /** @throws BrowserError where it has ended meanwhile. */
  async handTo(id: string, { viewPort, egress }: BrowserSpec): Promise<Browser> {
    const { sandbox, wayOut, devtoolsPath } = this.#parts;
    wayOut.egress = egress;
    void this.ended.then(() => egress.close());
    await this.#resize(viewPort);
    return {
      id,
      ended: this.ended,
      devtoolsPath,
      connect: () => connect(sandbox),
      cdp: async () => openCdp(await connect(sandbox), devtoolsPath),
      refusals: () => egress.refusals(),
      close: () => this.close(),
    };
  }

  async close(): Promise<void> {
    await this.#parts.sandbox.close();
  }

  /** The size of a window counts its frame; this is about the page in it. */
  async #resize({ width, height }: ViewPort): Promise<void> {
    try {
      await this.#parts.cdp.send('Browser.setContentsSize', { windowId: this.#windowId, width, height });
    } catch (error) {
      await this.close();
      throw error instanceof CdpError ? new BrowserError(`Chromium did not start: ${error.message}`) : error;
    }
  }
}

/** DevTools answers before there is a page. */
async function firstPage(cdp: Cdp): Promise<string> {
  for (const begun = Date.now(); Date.now() - begun < FIRST_PAGE_MS; await sleep(LOOK_AGAIN_MS)) {
    const { targetInfos } = await cdp.send('Target.getTargets');
    const page = targetInfos.find(({ type }: { type: string }) => type === 'page');
    if (page) return page.targetId;
  }
  throw new BrowserError(`Chromium opened no page within ${FIRST_PAGE_MS / 1000} s. Try again.`);
}

async function connect(sandbox: Sandbox): Promise<Duplex> {
  try {
    return await sandbox.connect(devtoolsPort);
  } catch (error) {
    if (error instanceof SandboxError) throw new BrowserError(error.message);
    throw error;
  }
}
