import type { Duplex } from 'node:stream';
import type { Egress } from '../egress/index.ts';
import type { Process, Sandbox } from '../sandbox/sandbox.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { type Browser, BrowserError, type BrowserSpec } from './browser.ts';
import { type Cdp, openCdp } from './cdp.ts';
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
  readonly #parts: Parts;
  readonly #page: FirstPage;

  private constructor(parts: Parts, page: FirstPage) {
    const { sandbox, process } = parts;
    this.#parts = parts;
    this.#page = page;
    const exited = process.exited.then((code) =>
      process.interruption === 'memory'
        ? 'its memory limit was exceeded, and all its processes were ended'
        : `Chromium ended with exit code ${code}`,
    );
    this.ended = Promise.race([sandbox.ended, exited.catch(() => sandbox.ended)]);
    void this.ended.then(() => sandbox.close());
  }

  /** @throws BrowserError where it opens no page. */
  static async furnish(parts: Parts): Promise<RunningChromium> {
    const [page] = await Promise.all([FirstPage.of(parts.cdp), limitDownloads(parts.cdp)]);
    return new RunningChromium(parts, page);
  }

  /** @throws BrowserError or CdpError where it has ended meanwhile. */
  async handTo(id: string, { viewPort, egress }: BrowserSpec): Promise<Browser> {
    const { sandbox, wayOut, devtoolsPath } = this.#parts;
    wayOut.egress = egress;
    void this.ended.then(() => egress.close());
    try {
      await this.#page.resize(viewPort);
      await this.#page.leave();
    } catch (error) {
      await this.close();
      throw error;
    }
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
}

async function connect(sandbox: Sandbox): Promise<Duplex> {
  try {
    return await sandbox.connect(devtoolsPort);
  } catch (error) {
    if (error instanceof SandboxError) throw new BrowserError(error.message);
    throw error;
  }
}
