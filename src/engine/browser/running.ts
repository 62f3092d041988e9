import type { Duplex } from 'node:stream';
import type { Egress } from '../egress/index.ts';
import type { Process, Sandbox } from '../sandbox/sandbox.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { type Browser, BrowserError, type BrowserSpec, type ViewPort } from './browser.ts';
import { type Cdp, CdpError, openCdp } from './cdp.ts';
import { limitDownloads } from './downloads.ts';
import { FirstPage } from './first-page.ts';
import { devtoolsPort } from './places.ts';

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
  /** Resolves once it has its first page. @throws BrowserError where it opens none. */
  readonly page: Promise<FirstPage>;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    const { sandbox, process } = parts;
    this.#parts = parts;
    this.page = FirstPage.open(parts.cdp);
    this.page.catch(() => this.close());
    const exited = process.exited.then((code) =>
      process.interruption === 'memory'
        ? 'its memory limit was exceeded, and all its processes were ended'
        : `Chromium ended with exit code ${code}`,
    );
    this.ended = Promise.race([sandbox.ended, exited.catch(() => sandbox.ended)]);
    void this.ended.then(() => sandbox.close());
  }

  /** @throws CdpError where DevTools does not answer. */
  static async answering(parts: Parts): Promise<RunningChromium> {
    await limitDownloads(parts.cdp);
    return new RunningChromium(parts);
  }

  /** Gives it to somebody, who can connect once its page is there and has its size. */
  handTo(id: string, { viewPort, egress }: BrowserSpec): Browser {
    const { sandbox, wayOut, devtoolsPath } = this.#parts;
    wayOut.egress = egress;
    void this.ended.then(() => egress.close());
    const furnished = this.#furnish(viewPort);
    furnished.catch(() => this.close());
    return {
      id,
      ended: this.ended,
      devtoolsPath,
      connect: async () => {
        await furnished;
        return connect(sandbox);
      },
      cdp: async () => openCdp(await connect(sandbox), devtoolsPath),
      refusals: () => egress.refusals(),
      close: () => this.close(),
    };
  }

  async #furnish(viewPort: ViewPort): Promise<void> {
    try {
      const page = await this.page;
      await page.resize(viewPort);
      await page.leave();
    } catch (error) {
      throw error instanceof CdpError ? new BrowserError(error.message) : error;
    }
  }

  async close(): Promise<void> {
    await this.#parts.sandbox.close();
  }
}

async function connect(sandbox: Sandbox): Promise<Duplex> {
  try {
    return await sandbox.connect(devtoolsPort);
  } catch (error) {
    if (error instanceof SandboxError) throw new BrowserError(error.message);
    throw error;
  }
}
