import type { Duplex } from 'node:stream';
import type { Mount } from './mounts.ts';

/** What one sandbox may use. Each limit holds over everything that runs in the sandbox together. */
export interface Limits {
  /** Resident memory of all processes together, in bytes. */
  memoryBytes: number;
  /** Size of the working directory, in bytes; it lives in memory. */
  diskBytes: number;
  /** What processes can share through /dev/shm, in bytes. */
  sharedBytes: number;
  /** Processes and threads. */
  processes: number;
  /** Kept of each of stdout and stderr per call, in bytes of JSON text; where there is more, a file takes all of it. */
  outputBytes: number;
}

/** Why a call did not run to its own end. */
export type Interruption = 'timeout' | 'cancelled' | 'memory' | 'crashed';

export interface CallOptions {
  /** Wall-clock limit in milliseconds; at its end the code is interrupted, and killed if that does not help. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/** What became of a stream that was longer than what is kept of it. */
export interface Overflow {
  stream: 'stdout' | 'stderr';
  /** All that was printed to it. */
  bytes: number;
  /** Holds it from its first byte; relative to the working directory. None where it could not be made. */
  file?: string;
  /** How much of it the file holds. */
  savedBytes: number;
  /** Why the file does not hold all, e.g. `No space left on device`. */
  problem?: string;
}

/** How a command or a cell ended. */
export interface Outcome {
  stdout: string;
  stderr: string;
  /** Of each of them that was longer than `Limits.outputBytes`. */
  overflow: readonly Overflow[];
  exitCode: number;
  seconds: number;
  interruption?: Interruption;
}

export type Language = 'python' | 'javascript' | 'typescript';
export type Runtime = 'python' | 'nodejs' | 'deno';

/** Code that shares its variables with the other cells of its runtime. */
export interface CellRequest {
  code: string;
  /** Default `python`. */
  language?: Language | undefined;
  /** Default: `nodejs`, and for Python `python`. Where there is no Deno, Node.js takes its place, and `stderr` says so. */
  runtime?: Runtime | undefined;
  /** Forgets the variables of earlier cells first. */
  fresh?: boolean;
}

/** One rich output of a cell: a figure, a table, or the value of the last expression. Keys are MIME types. */
export interface RichOutput {
  kind: 'display' | 'result';
  /** Text types as text, binary types as base64. */
  data: Readonly<Record<string, string>>;
}

export interface CellOutcome extends Outcome {
  outputs: RichOutput[];
  /** True when the kernel had to be replaced, so that the variables of earlier cells are gone; `stderr` then says why. */
  stateLost: boolean;
}

/** What a process may print, and where and with what it runs. */
export interface SpawnOptions {
  /** Default: the sandbox's own. */
  workingDirectory?: string;
  /** Besides the sandbox's own. */
  environment?: Readonly<Record<string, string>>;
  /**
   * How much is handed on. Either a burst, refilled per second, both in bytes: what is above, or not read in time, is dropped where
   * it arises, and the next piece says how much. Or what to keep of each stream, as `Limits.outputBytes` says. Without it nothing is
   * dropped. But for a burst, who does not read holds the process up.
   */
  output?: { burst: number; perSecond: number } | { keep: number };
}

/** A piece of what a process prints. */
export interface Printed {
  stream: 'stdout' | 'stderr';
  data: Buffer;
  /** Bytes of this stream dropped before this piece. */
  dropped: number;
}

/** A process that runs beside the calls, in a process group of its own. */
export interface Process {
  /**
   * What it and its children print, as it comes; ends when the process has ended, or the sandbox. To be read once, from the
   * start; who stops reading lets the rest go.
   */
  readonly output: AsyncIterable<Printed>;
  /** The exit code (128 and the signal's number where a signal ended it). Rejects with SandboxError when the sandbox ends first. */
  readonly exited: Promise<number>;
  /** Why it did not run to its own end, once it has ended. */
  readonly interruption: Interruption | undefined;
  /** Of each stream that has been longer than what is to be kept of it; the numbers are final when the process has ended. */
  readonly overflow: readonly Overflow[];
  /** Signals the process group. Default SIGKILL. */
  kill(signal?: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): void;
  /** Asks the process group to end, and kills what is left of it two seconds later, or once the first process has ended. */
  stop(): void;
}

/** What a sandbox is made of, besides the system's programs and the writable folders that every one has. */
export interface SandboxSpec {
  limits?: Partial<Limits>;
  /**
   * Further places. What is bound with `writable` is given to the sandbox's user, with all that is in it, and has no size of its
   * own; what is not must be readable by everybody.
   */
  mounts?: readonly Mount[];
  /** For everything that runs in it. */
  environment?: Readonly<Record<string, string>>;
  /** Where processes start and relative paths begin; a folder that is there. Default `/workspace`. */
  workingDirectory?: string;
  /** Has a Python kernel ready for {@link Sandbox.runCell} from the start. Default: the first cell starts one. */
  kernel?: boolean;
  /**
   * Lets pip install packages: the Python environment is in memory then, as large as the working directory may be, and the
   * packages of this machine come after what is installed. Default: there are those of this machine and no others.
   */
  installs?: true;
  outlets?: Outlets;
}

/**
 * Ports of 127.0.0.1 inside, from 1024 upwards; each connection made to one is handed over. A connection that its other side
 * has ended stays open for writing until it is ended here too.
 */
export type Outlets = Readonly<Record<number, (socket: Duplex) => void>>;

export interface FileEntry {
  /** Relative to the working directory where it lies below it, absolute otherwise. */
  path: string;
  kind: 'file' | 'directory';
  /** Bytes; 0 for a directory. */
  size: number;
}

/**
 * An isolated place where code runs: its own processes, network and files, nothing of the host but what was listed.
 * Relative paths start at the working directory. Calls on one sandbox may overlap; cells run one after another.
 *
 * Every method rejects with SandboxError when the sandbox has ended, and file operations also when the path does not
 * exist, is not a regular file, or does not fit.
 */
export interface Sandbox {
  readonly id: string;
  /** Resolves when the sandbox has ended for whatever reason, with that reason in words. Never rejects. */
  readonly ended: Promise<string>;
  /** Runs Python in the session's IPython shell, JavaScript and TypeScript in its V8; variables live on between calls. */
  runCell(cell: CellRequest, options: CallOptions): Promise<CellOutcome>;
  /**
   * Imports modules into the Python kernel, for cells to find them there at once. Those that cannot be had are passed over.
   * Not for what a user has named: nothing watches it, and the sandbox ends when it takes too long.
   */
  preload(modules: readonly string[], deadlineMs: number): Promise<void>;
  /**
   * Starts a program, e.g. `['/bin/bash', '-c', 'make']`. One that cannot be started exits with 126 and says why on stderr.
   * @throws SandboxError `no-space` where the limit of processes is reached.
   */
  spawn(argv: readonly string[], options?: SpawnOptions): Promise<Process>;
  /**
   * Connects to a port of 127.0.0.1 inside, or of ::1 where nothing listens there. Each side can end what it sends and still
   * receive, so who is done has to end it too.
   * @throws SandboxError `not-found` where nothing listens there, `no-space` where too many connections are open.
   */
  connect(port: number): Promise<Duplex>;
  /** Runs a command under `/bin/sh` in the working directory. */
  runCommand(command: string, options: CallOptions): Promise<Outcome>;
  readFile(path: string, maxBytes: number): Promise<Buffer>;
  /** Creates the folders above the file. */
  writeFile(path: string, content: Uint8Array): Promise<void>;
  /** The entries of one directory, in no particular order. */
  listFiles(path: string): Promise<FileEntry[]>;
  /** Removes a file, or a directory with everything in it. */
  removeFile(path: string): Promise<void>;
  /** Ends every process; idempotent. Resolves when nothing is left. */
  close(): Promise<void>;
}

/** What makes sandboxes on this machine. */
export interface SandboxProvider {
  /** Whether sandboxes work here, found by really starting one; otherwise what is missing and the cure. */
  probe(): Promise<{ works: true; tier: string } | { works: false; reason: string; cure: string }>;
  /** @throws SandboxError `unavailable` where {@link probe} says no. */
  start(id: string, spec?: SandboxSpec): Promise<Sandbox>;
  /** Ends every sandbox it has started, and starts no more; idempotent. */
  close(): Promise<void>;
}

export type SandboxErrorCode =
  | 'unavailable'
  | 'ended'
  | 'not-found'
  | 'not-a-file'
  | 'not-a-directory'
  | 'forbidden'
  | 'too-large'
  | 'no-space';

/** What went wrong in or with a sandbox, in words that say what to do next. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
