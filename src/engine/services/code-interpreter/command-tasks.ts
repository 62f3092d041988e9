import { randomUUID } from 'node:crypto';
import type { TaskStatus } from '@aws-sdk/client-bedrock-agentcore';
import type { Overflow, Printed, Process, Sandbox } from '../../sandbox/sandbox.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';

/** Of each of stdout and stderr of a command, in bytes of JSON text; where there is more, a file of the session has all of it. */
const KEPT_BYTES = 1024 ** 2;
const MAX_RUNNING = 16;
/** How many that have ended stay known, and how many bytes of what they printed are kept together. */
const MAX_ENDED = 32;
const ENDED_BYTES = 16 * 1024 ** 2;
/** Of what was taken for an id, in a refusal. */
const MAX_SHOWN = 64;

/** The background commands of one session. They end with its sandbox, whose 8 hours at most are their time limit too. */
export class CommandTasks {
  readonly #sandbox: Sandbox;
  readonly #running = new Map<string, CommandTask>();
  /** In the order in which they ended. */
  readonly #ended = new Map<string, CommandTask>();
  #starting = 0;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** @throws SandboxError `no-space` where too many run already, or nothing more can be started in the sandbox. */
  async start(command: string): Promise<CommandTask> {
    if (this.#running.size + this.#starting >= MAX_RUNNING)
      throw new SandboxError(
        'no-space',
        `${MAX_RUNNING} background commands are running in this session already. Wait for one to end, or stop one with stopTask.`,
      );
    this.#starting++;
    try {
      const argv = ['/bin/sh', '-c', command];
      const process = await this.#sandbox.spawn(argv, { output: { keep: KEPT_BYTES } });
      const task = new CommandTask(process, () => this.#keep(task));
      this.#running.set(task.id, task);
      return task;
    } finally {
      this.#starting--;
    }
  }

  /** @throws SandboxError `not-found` for a task that this session does not have. */
  find(id: string): CommandTask {
    const task = this.#running.get(id) ?? this.#ended.get(id);
    if (task) return task;
    throw new SandboxError(
      'not-found',
      `There is no task ${id.slice(0, MAX_SHOWN)} in this session. Of those that have ended, the last ${MAX_ENDED} are kept, fewer where they printed more than ${ENDED_BYTES / 1024 ** 2} MiB together.`,
    );
  }

  /** Keeps a task that has ended, and forgets those that are too many or too large with it, oldest first. */
  #keep(task: CommandTask): void {
    this.#running.delete(task.id);
    this.#ended.set(task.id, task);
    let bytes = 0;
    for (const { bytes: more } of this.#ended.values()) bytes += more;
    for (const old of this.#ended.values()) {
      if (this.#ended.size <= MAX_ENDED && bytes <= ENDED_BYTES) return;
      this.#ended.delete(old.id);
      bytes -= old.bytes;
    }
  }
}

/** A command that runs in the background, or has run there. */
export class CommandTask {
  readonly id = randomUUID();
  /** How it ended, once it has. */
  end?: { exitCode: number; seconds: number };
  readonly #process: Process;
  readonly #startedAt = performance.now();
  readonly #printed = { stdout: new Collected(), stderr: new Collected() };
  readonly #ended: Promise<void>;
  #stopped = false;

  /** @param onEnd Called once it has ended. */
  constructor(process: Process, onEnd: () => void) {
    this.#process = process;
    this.#ended = this.#follow().then(onEnd);
    this.#ended.catch(() => {});
  }

  get status(): TaskStatus {
    if (!this.end) return 'working';
    if (this.#stopped) return 'canceled';
    return this.end.exitCode === 0 ? 'completed' : 'failed';
  }

  /** What it has printed so far, as much of it as is kept. */
  get stdout(): string {
    return this.#printed.stdout.text;
  }

  get stderr(): string {
    return this.#printed.stderr.text;
  }

  /** How much of it is kept. */
  get bytes(): number {
    return this.#printed.stdout.length + this.#printed.stderr.length;
  }

  get overflow(): readonly Overflow[] {
    return this.#process.overflow;
  }

  /** Ends it, asking first. @returns once it has ended. @throws SandboxError when its sandbox ends meanwhile. */
  async stop(): Promise<void> {
    this.#stopped ||= !this.end;
    this.#process.stop();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    for await (const piece of this.#process.output) this.#printed[piece.stream].add(piece);
    const exitCode = await this.#process.exited;
    this.#printed.stdout.trim();
    this.#printed.stderr.trim();
    this.end = { exitCode, seconds: Math.round(performance.now() - this.#startedAt) / 1000 };
  }
}

/** Bytes that come in pieces, however small. */
class Collected {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get text(): string {
    return this.#buffer.toString('utf8', 0, this.#length);
  }

  add({ data }: Printed): void {
    const length = this.#length + data.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, Math.min(length * 2, KEPT_BYTES)));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    data.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** Gives back the room for more, once no more comes. */
  trim(): void {
    this.#buffer = Buffer.from(this.#buffer.subarray(0, this.#length));
  }
}
