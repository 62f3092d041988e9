import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Findings } from './report.ts';

export interface Section {
  title: string;
  run(bench: Bench): Promise<Findings>;
}

/** What a section works with. What it starts, it has ended by {@link Bench.end}, whatever happens in between. */
export class Bench {
  /** A few seconds only, to see that everything works. The figures mean nothing. */
  readonly quick: boolean;
  /** A folder of its own, which is removed at the end. */
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'agentcore-bench-'));
  readonly #ends: (() => unknown)[] = [];

  constructor({ quick }: { quick: boolean }) {
    this.quick = quick;
    this.defer(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 }));
  }

  /** One of two values, for example a number of rounds. */
  pick(full: number, quick: number): number {
    return this.quick ? quick : full;
  }

  /** How often to measure by turns: so many rounds after one or more that do not count, or once. */
  rounds(count: number, warmUp = 1): { rounds: number; warmUp: number } {
    return this.quick ? { rounds: 1, warmUp: 0 } : { rounds: count, warmUp };
  }

  makeFolder(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Has something done at the end, the latest first. */
  defer(end: () => unknown): void {
    this.#ends.push(end);
  }

  async end(): Promise<void> {
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) await end();
  }
}

/** To stderr: stdout is for the findings. */
export const say = (line: string) => void process.stderr.write(`${line}\n`);
