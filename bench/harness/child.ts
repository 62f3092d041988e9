import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Bench } from './bench.ts';
import { plainEnvironment } from './places.ts';
import { within } from './rounds.ts';

const ANSWER_MS = 60_000;
const END_MS = 20_000;

/** A program that prints lines and reads lines; ended with the section, killed where it does not end in time. */
export class Child {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #name: string;
  #stderr = '';

  constructor(bench: Bench, command: readonly string[], options: SpawnOptions = {}) {
    const [file = '', ...args] = command;
    this.#name = command.slice(0, 2).join(' ');
    this.process = spawn(file, args, { env: plainEnvironment(), stdio: 'pipe', ...options });
    this.process.on('error', (error) => this.#note(error.message));
    this.process.stdin?.on('error', () => {});
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#note(text));
    const { stdout } = this.process;
    if (!stdout) throw new Error('The output of a child must be piped.');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    bench.defer(() => this.end());
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  send(message: object): void {
    this.process.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** The next line it prints. @throws Error with the end of its error output when there is none in time. */
  async line(): Promise<string> {
    const { value, done } = await within(this.#lines.next(), ANSWER_MS, this.#name);
    if (done) throw new Error(`${this.#name} ended:\n${this.#stderr}`);
    return value;
  }

  /** The next line that is a JSON object with such a member. */
  async message<T extends object>(member: keyof T & string): Promise<T> {
    for (;;) {
      const line = await this.line();
      const value: unknown = line.startsWith('{') ? JSON.parse(line) : undefined;
      if (typeof value === 'object' && value !== null && member in value) return value as T;
    }
  }

  /** Tells it to end and waits for that. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.process.pid === undefined || !this.#runs()) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    const patience = setTimeout(() => this.process.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(patience);
  }

  #runs(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  #note(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-4_000);
  }
}
