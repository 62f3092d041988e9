import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import { onPath } from '../../platform/on-path.ts';
import type { Launched } from './bubblewrap-sandbox.ts';
import { BubblewrapSandbox } from './bubblewrap-sandbox.ts';
import type { Diagnosis } from './diagnosis.ts';
import {
  CLOSED,
  diagnose,
  NO_BUBBLEWRAP,
  NO_CHILD_LISTS,
  pythonMissing,
  WRONG_PLATFORM,
} from './diagnosis.ts';
import { sweepDoors } from './door.ts';
import { fontMounts, prepareFonts } from './fonts.ts';
import { findJavaScript } from './javascript.ts';
import { launch } from './launch.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { MemoryWatches } from './memory-watches.ts';
import type { Python } from './python.ts';
import { findPython } from './python.ts';
import type { Limits, Sandbox, SandboxProvider, SandboxSpec } from './sandbox.ts';
import { SandboxError } from './sandbox.ts';
import { isFilterable } from './seccomp.ts';
import { takeUserId } from './user-ids.ts';

export interface SandboxOptions {
  /** Folder of a Python environment (venv); by default the one that `agentcore-mcp setup` makes. */
  python?: string;
  /** Limits of the sandboxes, where a {@link SandboxSpec} sets none. */
  limits?: Partial<Limits>;
  /** How many may run at once. Default 128: whoever can start them must not take the machine with him. */
  maxSandboxes?: number;
}

const MAX_SANDBOXES = 128;
/** What of the machine's memory must be free for another one. */
const FREE_BYTES = 256 * 1024 ** 2;

type Verdict = Awaited<ReturnType<SandboxProvider['probe']>>;

const TIER = 'bubblewrap';
/** How long an answer of `probe` holds. Bad news is soon looked at again: the user may be mending it. */
const GOOD_NEWS_MS = 60_000;
const BAD_NEWS_MS = 5_000;
const PROBE_CALL_MS = 30_000;
const RETRY = 'End other programs or sessions of this user, then try again.';

/** What cannot be started, with its cure. */
class Unavailable extends Error {
  readonly diagnosis: Diagnosis;

  constructor(diagnosis: Diagnosis) {
    super(diagnosis.reason);
    this.diagnosis = diagnosis;
  }
}

/** Sandboxes made by bubblewrap, on Linux. Nothing is touched until one is started or probed for. */
export function createSandboxes(options: SandboxOptions): SandboxProvider {
  const watches = new MemoryWatches();
  const running = new Set<Sandbox>();
  const starting = new Set<Promise<Sandbox>>();
  let closed = false;
  let swept = false;
  let python: Promise<Python> | undefined;
  /** Stays where that leads to nothing, as in a folder of somebody else. */
  let preparingFonts = false;
  let verdict: { promise: Promise<Verdict>; until: number } | undefined;

  const readPython = async () => {
    python ??= findPython(options.python);
    try {
      return await python;
    } catch (error) {
      python = undefined;
      throw new Unavailable(pythonMissing((error as Error).message));
    }
  };

  const start = (id: string, spec: SandboxSpec = {}): Promise<Sandbox> => {
    const begun = launchOne(id, spec);
    starting.add(begun);
    const over = () => void starting.delete(begun);
    begun.then(over, over);
    return begun;
  };

  const launchOne = async (id: string, spec: SandboxSpec): Promise<Sandbox> => {
    if (closed) throw new Unavailable(CLOSED);
    refuseCrowd();
    const { platform, arch } = process;
    if (platform !== 'linux' || !isFilterable(arch)) throw new Unavailable(WRONG_PLATFORM);
    if (!existsSync('/proc/thread-self/children')) throw new Unavailable(NO_CHILD_LISTS);
    const bwrap = onPath('bwrap');
    if (!bwrap) throw new Unavailable(NO_BUBBLEWRAP);
    const settings = {
      bwrap,
      arch,
      python: await readPython(),
      javascript: await findJavaScript(),
      limits: { ...DEFAULT_LIMITS, ...options.limits, ...spec.limits },
      spec,
    };
    if (!swept) sweepDoors();
    swept = true;
    const user = process.getuid?.() === 0 ? takeUserId() : undefined;
    const launched = await launch({ ...settings, dropTo: user?.id }).catch(async (error: Error) => {
      user?.release();
      throw new Unavailable(await diagnose(bwrap, error.message));
    });
    void launched.process.ended.then(() => user?.release());
    if (closed) {
      launched.process.kill(CLOSED.reason);
      throw new Unavailable(CLOSED);
    }
    keepFonts(settings.python.environment);
    const sandbox = watched(id, launched);
    running.add(sandbox);
    void sandbox.ended.then(() => running.delete(sandbox));
    return sandbox;
  };

  /** Asked before the one that is about to start counts itself. */
  const refuseCrowd = () => {
    const cure = 'End sessions that are not needed.';
    const most = options.maxSandboxes ?? MAX_SANDBOXES;
    if (running.size + starting.size >= most)
      throw new Unavailable({ reason: `${most} sandboxes are there already, as many as there may be`, cure });
    const free = freemem();
    if (free < FREE_BYTES)
      throw new Unavailable({
        reason: `this machine has only ${Math.floor(free / 1024 ** 2)} MiB of memory left`,
        cure,
      });
  };

  /** What nobody can watch may not run. */
  const watched = (id: string, launched: Launched): Sandbox => {
    try {
      return new BubblewrapSandbox(id, launched, watches);
    } catch (error) {
      launched.process.kill('its memory could not be watched');
      throw new Unavailable({ reason: `memory cannot be watched: ${(error as Error).message}`, cure: RETRY });
    }
  };

  /** In the background, at the first sandbox ever and after new fonts. */
  const keepFonts = (environment: string) => {
    if (preparingFonts || fontMounts(environment).length > 0) return;
    preparingFonts = true;
    start('fonts')
      .then((sandbox) => prepareFonts(environment, sandbox).finally(() => sandbox.close()))
      .then(() => {
        preparingFonts = fontMounts(environment).length === 0;
      })
      .catch(() => {
        // Figures work without it.
      });
  };

  const probe = async (): Promise<Verdict> => {
    try {
      const sandbox = await start('probe');
      try {
        const { stdout, stderr } = await sandbox.runCell(
          { code: 'print(6 * 7)' },
          { timeoutMs: PROBE_CALL_MS },
        );
        if (stdout.trim() !== '42')
          return { works: false, ...pythonMissing(`Python fails: ${stderr.trim()}`) };
        return { works: true, tier: TIER };
      } finally {
        await sandbox.close();
      }
    } catch (error) {
      if (error instanceof Unavailable) return { works: false, ...error.diagnosis };
      return { works: false, ...pythonMissing((error as Error).message) };
    }
  };

  return {
    probe() {
      if (!verdict || verdict.until < Date.now()) {
        const current = { promise: probe(), until: Number.POSITIVE_INFINITY };
        verdict = current;
        void current.promise.then(({ works }) => {
          current.until = Date.now() + (works ? GOOD_NEWS_MS : BAD_NEWS_MS);
        });
      }
      return verdict.promise;
    },

    async start(id, spec) {
      try {
        return await start(id, spec);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        const { reason, cure } = error.diagnosis;
        throw new SandboxError('unavailable', `Code cannot run here: ${reason}. ${cure}`);
      }
    },

    async close() {
      closed = true;
      await Promise.all([...running].map((sandbox) => sandbox.close()));
      // They find it closed, and leave nothing in the file system.
      await Promise.allSettled(starting);
      await watches.close();
    },
  };
}
