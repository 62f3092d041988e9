import { egressPortInside } from '../egress/inside.ts';
import type { Limits, Process, Sandbox, SandboxProvider } from '../sandbox/sandbox.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import {
  type Browser,
  BrowserError,
  type BrowserProvider,
  type BrowserSpec,
  type ViewPort,
} from './browser.ts';
import { openCdp } from './cdp.ts';
import { findChromium } from './chromium.ts';
import { mountsFor } from './mounts.ts';
import { devtoolsPort, switches } from './switches.ts';

const GiB = 1024 ** 3;
const LIMITS: Partial<Limits> = { memoryBytes: 4 * GiB, diskBytes: GiB, processes: 1024 };
const READY_MS = 30_000;
const READY = /DevTools listening on ws:\/\/[^/\s]+(\/devtools\/browser\/[\w-]+)/;
const MAX_COMPLAINTS = 4_096;

/** Browsers in sandboxes: each has a network of its own, and no files of this machine but programs and fonts. */
export function createBrowsers({ sandboxes }: { sandboxes: SandboxProvider }): BrowserProvider {
  const probe: BrowserProvider['probe'] = async () => {
    const chromium = findChromium();
    if (!chromium)
      return {
        works: false,
        reason: 'there is no Chromium on this machine',
        cure: 'Install it: apt-get install chromium',
      };
    const verdict = await sandboxes.probe();
    return verdict.works ? { works: true, path: chromium.path } : verdict;
  };

  return {
    probe,
    async start(id, spec) {
      const chromium = findChromium();
      if (!chromium) {
        const verdict = await probe();
        throw new BrowserError(verdict.works ? 'Try again.' : `${verdict.reason}. ${verdict.cure}`);
      }
      try {
        return await startIn(await startSandbox(sandboxes, id, spec), chromium.path, spec);
      } catch (error) {
        if (error instanceof SandboxError) throw new BrowserError(error.message);
        throw error;
      }
    },
  };
}

async function startSandbox(sandboxes: SandboxProvider, id: string, spec: BrowserSpec): Promise<Sandbox> {
  const { egress } = spec;
  const outlets = { [egressPortInside]: egress.serve };
  const sandbox = await sandboxes.start(id, { limits: LIMITS, mounts: mountsFor(spec), outlets });
  void sandbox.ended.then(() => egress.close());
  return sandbox;
}

async function startIn(sandbox: Sandbox, path: string, spec: BrowserSpec): Promise<Browser> {
  try {
    const chromium = await sandbox.spawn([path, ...switches(spec)]);
    const browser = new SandboxedBrowser(sandbox, chromium, await devtoolsPathOf(chromium));
    await setViewPort(browser, spec.viewPort);
    return browser;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** The size of a window counts its frame; this is about the page in it. */
async function setViewPort(browser: Browser, { width, height }: ViewPort): Promise<void> {
  const cdp = await browser.cdp();
  try {
    const { targetInfos } = await cdp.send('Target.getTargets');
    const { targetId } = targetInfos.find(({ type }: { type: string }) => type === 'page');
    const { windowId } = await cdp.send('Browser.getWindowForTarget', { targetId });
    await cdp.send('Browser.setContentsSize', { windowId, width, height });
  } finally {
    cdp.close();
  }
}

/** Reads what Chromium prints for as long as it lives, as it would stand still otherwise. */
function devtoolsPathOf(chromium: Process): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  const fail = (what: string) => reject(new BrowserError(`Chromium ${what}. It said last:\n${said.trim()}`));
  const late = setTimeout(fail, READY_MS, `was not ready within ${READY_MS / 1000} s`);
  const read = async () => {
    for await (const { data } of chromium.output) {
      said = (said + data).slice(-MAX_COMPLAINTS);
      const path = READY.exec(said)?.[1];
      if (path) resolve(path);
    }
    fail('ended before it was ready');
  };
  read().catch((error) => fail(`could not be read: ${error.message}`));
  return promise.finally(() => clearTimeout(late));
}

class SandboxedBrowser implements Browser {
  readonly id: string;
  readonly ended: Promise<string>;
  readonly devtoolsPath: string;
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox, chromium: Process, devtoolsPath: string) {
    this.id = sandbox.id;
    this.#sandbox = sandbox;
    this.devtoolsPath = devtoolsPath;
    const exited = chromium.exited.then((code) => `Chromium ended with exit code ${code}`);
    this.ended = Promise.race([sandbox.ended, exited.catch(() => sandbox.ended)]);
    void this.ended.then(() => sandbox.close());
  }

  async connect() {
    try {
      return await this.#sandbox.connect(devtoolsPort);
    } catch (error) {
      if (error instanceof SandboxError) throw new BrowserError(error.message);
      throw error;
    }
  }

  async cdp() {
    return openCdp(await this.connect(), this.devtoolsPath);
  }

  async close(): Promise<void> {
    await this.#sandbox.close();
  }
}
