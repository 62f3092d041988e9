import type { Duplex } from 'node:stream';
import type { Head } from './channel.ts';
import { MAX_BODY } from './channel.ts';
import type { Door } from './door.ts';
import type { MemoryWatch, MemoryWatches } from './memory-watches.ts';
import { startProgram } from './program.ts';
import type {
  CallOptions,
  CellOutcome,
  CellRequest,
  FileEntry,
  Interruption,
  Limits,
  Outcome,
  Overflow,
  Process,
  RichOutput,
  Sandbox,
  SpawnOptions,
} from './sandbox.ts';
import { SandboxError } from './sandbox.ts';
import { GRACE_MS, type SandboxProcess } from './sandbox-process.ts';

const FILE_DEADLINE_MS = 60_000;
/** Beyond what the supervisor itself waits for an answer from a port. */
const CONNECT_DEADLINE_MS = 60_000;
const MAX_PORT = 65_535;

const NOTHING = { stdout: '', stderr: '', overflow: [], seconds: 0, outputs: [], stateLost: false };
const NOT_RUN: CellOutcome = { ...NOTHING, exitCode: 130, interruption: 'cancelled' };

/** What a sandbox is made of once it runs. */
export interface Launched {
  process: SandboxProcess;
  door: Door;
  limits: Limits;
  /** The places in it that live in memory. */
  memoryFolders: readonly string[];
  /** Whether it is for code cells. */
  kernel: boolean;
  /** Why it cannot run JavaScript. */
  lack: string | undefined;
}

/** A sandbox whose supervisor answers over a channel. */
export class BubblewrapSandbox implements Sandbox {
  readonly id: string;
  readonly ended: Promise<string>;
  readonly #process: SandboxProcess;
  readonly #door: Door;
  readonly #memory: MemoryWatch;
  readonly #lack: string | undefined;
  #lastCell: Promise<unknown> = Promise.resolve();

  constructor(
    id: string,
    { process, door, limits, memoryFolders, kernel, lack }: Launched,
    watches: MemoryWatches,
  ) {
    this.id = id;
    this.ended = process.ended;
    this.#process = process;
    this.#door = door;
    this.#lack = lack;
    const limit = Math.round(limits.memoryBytes / 1024 ** 2);
    const loss = kernel ? ', and the variables of earlier cells are gone' : '';
    const note = `The processes of this session together used more than the memory limit of ${limit} MiB; all were ended${loss}.`;
    this.#memory = watches.start(
      { root: process.pid, folders: memoryFolders, limitBytes: limits.memoryBytes },
      {
        onExcess: () => process.send({ op: 'end-all', cause: 'memory', note }),
        onLastingExcess: () => process.kill('it stayed above its memory limit'),
        onLost: (reason) => process.kill(`its memory could not be watched: ${reason}`),
      },
    );
    void this.ended.then(() => this.#memory.stop());
  }

  async runCell(cell: CellRequest, options: CallOptions): Promise<CellOutcome> {
    const turn = this.#lastCell;
    const run = turn.then(async () => {
      const { code, language = 'python', runtime = language === 'python' ? 'python' : 'nodejs' } = cell;
      if (this.#lack && runtime !== 'python') return { ...NOTHING, exitCode: 1, stderr: `${this.#lack}\n` };
      const request = {
        op: 'cell',
        code: code.toWellFormed(),
        language,
        runtime,
        fresh: cell.fresh ?? false,
      };
      const { outcome, head } = await this.#run(request, options);
      return { ...outcome, outputs: head.outputs as RichOutput[], stateLost: head.stateLost as boolean };
    });
    this.#lastCell = run.catch(() => {});
    return (await cancelledBefore(turn, options.signal)) ? NOT_RUN : run;
  }

  async preload(modules: readonly string[], deadlineMs: number): Promise<void> {
    const turn = this.#lastCell;
    const loading = turn.then(() => this.#process.request({ op: 'preload', modules }, { deadlineMs }));
    this.#lastCell = loading.catch(() => {});
    await loading;
  }

  async runCommand(command: string, options: CallOptions): Promise<Outcome> {
    return (await this.#run({ op: 'command', command: command.toWellFormed() }, options)).outcome;
  }

  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<Process> {
    const relax = this.#memory.attend('program');
    try {
      const program = await startProgram(this.#process, argv, options);
      void program.exited.catch(() => {}).finally(relax);
      return program;
    } catch (error) {
      relax();
      throw error;
    }
  }

  async connect(port: number): Promise<Duplex> {
    if (!Number.isInteger(port) || port < 1 || port > MAX_PORT)
      throw new SandboxError(
        'not-found',
        `There is no port ${port}; ports are numbered from 1 to ${MAX_PORT}.`,
      );
    const { ticket, arrival, forget } = this.#door.expect();
    try {
      const request = { op: 'connect', port, ticket };
      await this.#process.request(request, { deadlineMs: CONNECT_DEADLINE_MS });
      return await arrival();
    } finally {
      forget();
    }
  }

  async readFile(path: string, maxBytes: number): Promise<Buffer> {
    const request = { op: 'read', path, maxBytes: Math.min(maxBytes, MAX_BODY) };
    return (await this.#process.request(request, { deadlineMs: FILE_DEADLINE_MS })).body;
  }

  async writeFile(path: string, content: Uint8Array): Promise<void> {
    if (content.length > MAX_BODY)
      throw new SandboxError(
        'too-large',
        `${path} has ${content.length} bytes; at most ${MAX_BODY} can be written at once.`,
      );
    await this.#process.request({ op: 'write', path }, { deadlineMs: FILE_DEADLINE_MS, body: content });
  }

  async listFiles(path: string): Promise<FileEntry[]> {
    const { head } = await this.#process.request({ op: 'list', path }, { deadlineMs: FILE_DEADLINE_MS });
    return head.entries as FileEntry[];
  }

  async removeFile(path: string): Promise<void> {
    await this.#process.request({ op: 'remove', path }, { deadlineMs: FILE_DEADLINE_MS });
  }

  async close(): Promise<void> {
    this.#process.kill('it was closed');
    await this.ended;
  }

  async #run(request: Head, { timeoutMs, signal }: CallOptions): Promise<{ outcome: Outcome; head: Head }> {
    if (signal?.aborted) return { outcome: NOT_RUN, head: { ...NOT_RUN } };
    const relax = this.#memory.attend('call');
    const call = this.#process.open(request);
    const interrupt = (cause: Interruption) => {
      this.#process.send({ op: 'interrupt', id: call.id, cause });
      call.expire(GRACE_MS);
    };
    const timer = setTimeout(interrupt, Math.min(timeoutMs, 2 ** 31 - 1), 'timeout' satisfies Interruption);
    const onAbort = () => interrupt('cancelled');
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const { head, body } = await call.answer;
      return { outcome: readOutcome(head, body), head };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      relax();
    }
  }
}

function readOutcome(head: Head, body: Buffer): Outcome {
  const split = head.stdoutBytes as number;
  return {
    stdout: body.toString('utf8', 0, split),
    stderr: body.toString('utf8', split),
    overflow: head.overflow as Overflow[],
    exitCode: head.exitCode as number,
    seconds: head.seconds as number,
    ...(head.interruption ? { interruption: head.interruption as Interruption } : {}),
  };
}

/** Whether a signal aborts before a cell has its turn. */
function cancelledBefore(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = () => resolve(true);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    void turn.then(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(false);
    });
  });
}
