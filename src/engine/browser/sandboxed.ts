import { egressPortInside } from '../egress/inside.ts';
import type { Limits, Process, SandboxProvider } from '../sandbox/sandbox.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { type SpareRoom, Spares } from '../spares.ts';
import { BrowserError, type BrowserProvider, type BrowserSpec, defaultViewPort } from './browser.ts';
import { CdpError, openCdp } from './cdp.ts';
import { extensionMounts } from './extensions.ts';
import { findChromium, whyNone } from './found.ts';
import { devtoolsPort, profileFolder } from './places.ts';
import { policyMounts } from './policies.ts';
import { RunningChromium, WayOut } from './running.ts';
import { switches } from './switches.ts';

const MiB = 1024 ** 2;
const LIMITS: Pick<Limits, 'memoryBytes' | 'diskBytes' | 'sharedBytes' | 'processes'> = {
  memoryBytes: 4096 * MiB,
  diskBytes: 1024 * MiB,
  // A page with a large canvas stands still where this is full.
  sharedBytes: 2048 * MiB,
  processes: 1024,
};
const READY_MS = 30_000;
const READY = /DevTools listening on ws:\/\/[^/\s]+(\/devtools\/browser\/[\w-]+)/;
const MAX_COMPLAINTS = 4_096;
/** Each takes some 200 MB. */
const spareRoom: SpareRoom = { memoryForOne: 8 * 1024 * MiB, most: 2 };

export interface BrowserOptions {
  sandboxes: SandboxProvider;
  /** The program to use. Default: the first Chromium, Chrome or Edge that is found. */
  path?: string | undefined;
  /** How many to keep ready; 0 for none. Default: by the machine's free memory, at most 2. */
  spares?: number | undefined;
  /** Of each browser. The profile has half of what the disk has, and beside it. */
  limits?: Partial<Limits>;
}

/**
 * Browsers in sandboxes: each has a network of its own, and no files of this machine but programs and fonts. From the first one
 * on some are kept ready.
 */
export function createBrowsers({
  sandboxes,
  path,
  spares: wanted,
  ...options
}: BrowserOptions): BrowserProvider {
  const limits = { ...LIMITS, ...options.limits };
  const launch = async (id: string, spec: Omit<BrowserSpec, 'egress'>): Promise<RunningChromium> => {
    const { program, mounts, environment } = await findChromium(path);
    const wayOut = new WayOut();
    const sandbox = await sandboxes.start(id, {
      limits,
      outlets: { [egressPortInside]: (socket) => wayOut.take(socket) },
      environment,
      mounts: [
        ...mounts,
        ...policyMounts(spec.policies),
        ...extensionMounts(spec.extensions ?? []),
        { kind: 'memory', target: profileFolder, bytes: limits.diskBytes / 2, mode: '0700' },
      ],
    });
    try {
      const process = await sandbox.spawn([program, ...switches(spec)]);
      const devtoolsPath = await devtoolsPathOf(process);
      const cdp = await openCdp(await sandbox.connect(devtoolsPort), devtoolsPath);
      return await RunningChromium.answering({ sandbox, process, wayOut, devtoolsPath, cdp });
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  };

  const spares = new Spares({
    async start() {
      const chromium = await launch('spare', { viewPort: defaultViewPort });
      await chromium.page;
      return chromium;
    },
    room: spareRoom,
    wanted,
  });

  const start = async (id: string, { egress, ...spec }: BrowserSpec) => {
    try {
      const chromium = await (isPlain(spec) ? spares.give(() => launch(id, spec)) : launch(id, spec));
      return chromium.handTo(id, { egress, ...spec });
    } catch (error) {
      egress.close();
      throw isOfParts(error) ? new BrowserError(error.message) : error;
    }
  };

  return {
    async probe() {
      const lack = whyNone(path);
      if (lack) return { works: false, ...lack };
      const verdict = await sandboxes.probe();
      return verdict.works ? { works: true } : verdict;
    },
    start,
    close: () => spares.close(),
  };
}

/** Whether a spare will do, which can be made as large as wanted. */
const isPlain = ({ policies, extensions = [] }: Omit<BrowserSpec, 'egress'>) =>
  policies === undefined && extensions.length === 0;

/** What goes wrong below browsers, in words that people can do something with. */
const isOfParts = (error: unknown): error is Error =>
  error instanceof SandboxError || error instanceof CdpError;

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
