import type { ChildProcess } from 'node:child_process';
import type { Head } from './channel.ts';
import { Channel } from './channel.ts';
import type { SandboxErrorCode } from './sandbox.ts';
import { SandboxError } from './sandbox.ts';

interface Answer {
  head: Head;
  body: Buffer;
}

/** Gets what comes before an answer. */
type OnEvent = (head: Head, body: Buffer) => void;

interface Waiting {
  onEvent: OnEvent | undefined;
  resolve(answer: Answer): void;
  reject(error: Error): void;
  timer?: NodeJS.Timeout;
}

/** A request on its way. */
export interface OpenCall {
  id: number;
  /** Rejects with SandboxError when the supervisor refuses or the sandbox ends. */
  answer: Promise<Answer>;
  /** Ends the whole sandbox unless the answer comes within so many milliseconds. */
  expire(ms: number): void;
}

/** How long the supervisor may take to end what it is told to stop: its grace for the code, and some. */
export const GRACE_MS = 6_000;
/** After its supervisor hung up, a sandbox gets this long to end by itself, which tells why. */
const HANG_UP_MS = 500;

/** The processes of one running sandbox, and the requests its supervisor has yet to answer. */
export class SandboxProcess {
  /** The sandbox's first process, as the host numbers it; with it every other ends. */
  readonly pid: number;
  /** Resolves with the reason when nothing of the sandbox runs any more. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #reason: string | undefined;
  #over = false;

  /** Takes over a child whose supervisor has just reported; `complaints` gives what it wrote to stderr. */
  constructor(
    child: ChildProcess,
    pid: number,
    stream: ConstructorParameters<typeof Channel>[0],
    complaints: () => string,
  ) {
    this.pid = pid;
    this.#child = child;
    this.#channel = new Channel(
      stream,
      (head, body) => this.#receive(head, body),
      (reason) => setTimeout(() => this.kill(reason), HANG_UP_MS).unref(),
    );
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const reason = this.#reason ?? describeExit(code, signal, complaints());
        this.#finish(reason);
        resolve(reason);
      });
    });
  }

  /** Sends a request whose answer is waited for, and perhaps events before it. */
  open(head: Head, { body, onEvent }: { body?: Uint8Array; onEvent?: OnEvent } = {}): OpenCall {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#over || this.#reason !== undefined) reject(endedError(this.#reason as string));
      else this.#waiting.set(id, { onEvent, resolve, reject });
    });
    this.send({ ...head, id }, body);
    return { id, answer, expire: (ms) => this.#expire(id, ms) };
  }

  /** Sends a request and waits for its answer; when none comes in time the sandbox is ended. */
  request(head: Head, options: { deadlineMs: number; body?: Uint8Array }): Promise<Answer> {
    const call = this.open(head, options);
    call.expire(options.deadlineMs);
    return call.answer;
  }

  /** Sends what needs no answer. */
  send(head: Head, body?: Uint8Array): void {
    if (!this.#over) this.#channel.send(head, body);
  }

  /** Ends everything in the sandbox; the first reason given is the one reported. */
  kill(reason: string): void {
    if (this.#over) return;
    this.#reason ??= reason;
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }

  #expire(id: number, ms: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.kill('its supervisor stopped answering'), ms);
  }

  #receive(head: Head, body: Buffer): void {
    const waiting = this.#waiting.get(head.id as number);
    if (!waiting) return;
    if (head.event) {
      waiting.onEvent?.(head, body);
      return;
    }
    this.#waiting.delete(head.id as number);
    clearTimeout(waiting.timer);
    if (typeof head.refused === 'string') {
      waiting.reject(new SandboxError(head.refused as SandboxErrorCode, String(head.message)));
    } else {
      waiting.resolve({ head, body });
    }
  }

  #finish(reason: string): void {
    this.#over = true;
    this.#reason = reason;
    this.#channel.close();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(endedError(reason));
    }
    this.#waiting.clear();
  }
}

export const endedError = (reason: string) =>
  new SandboxError('ended', `The sandbox has ended: ${reason}. Start a new session to go on.`);

function describeExit(code: number | null, signal: NodeJS.Signals | null, complaints: string): string {
  if (signal) return `it was killed from outside (${signal})`;
  if (code !== null && code > 128) return `its supervisor was killed (signal ${code - 128})`;
  const lastWords = complaints.split('\n').at(-1);
  return `its supervisor stopped with exit code ${code}${lastWords ? `: ${lastWords}` : ''}`;
}
