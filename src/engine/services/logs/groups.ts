import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Scope } from '../../service.ts';
import { Group, type GroupLimits } from './group.ts';
import type { LogEvent, LogStore } from './log-store.ts';
import type { Stream } from './stream.ts';

export interface LogLimits extends GroupLimits {
  /** Of an account in a region. */
  maxGroups: number;
}

/** How long written lines wait for others. */
const FLUSH_MS = 50;

/** All log groups, below one folder. */
export class Groups implements LogStore {
  readonly #folder: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #limits: LogLimits;
  readonly #groups = new Map<string, Group>();
  readonly #dirty = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #complained = false;

  /** @throws Error when the folder cannot be made or read. */
  constructor({ folder, log, clock, limits }: { folder: string; log: Log; clock: Clock; limits: LogLimits }) {
    this.#folder = folder;
    this.#log = log;
    this.#clock = clock;
    this.#limits = limits;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder).sort()) {
      const group = Group.open(join(folder, name), limits, clock);
      if (group) this.#groups.set(keyOf(group, group.name), group);
    }
  }

  append(scope: Scope, group: string, stream: string, events: readonly LogEvent[]): void {
    if (this.#closed) return;
    try {
      const target = (this.find(scope, group) ?? this.create(scope, group)).stream(stream);
      target.append(events);
      this.#dirty.add(target);
      this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
    } catch (error) {
      this.#complain(error);
    }
  }

  find(scope: Scope, name: string): Group | undefined {
    return this.#groups.get(keyOf(scope, name));
  }

  /** Those of an account in a region, by name. */
  list(scope: Scope): Group[] {
    const own = [...this.#groups.values()].filter((group) => isIn(group, scope));
    return own.sort((a, b) => compare(a.name, b.name));
  }

  isFull(scope: Scope): boolean {
    return this.list(scope).length >= this.#limits.maxGroups;
  }

  /** @throws Error when there are too many, or of the file system. */
  create({ account, region }: Scope, name: string, tags?: Record<string, string>): Group {
    const scope = { account, region };
    if (this.isFull(scope)) {
      throw new Error(
        `${account} has ${this.#limits.maxGroups} log groups in ${region}, which is the most there can be.`,
      );
    }
    const document = { ...scope, name, createdAt: this.#clock.now(), tags };
    const group = Group.create(this.#folder, document, this.#limits, this.#clock);
    this.#groups.set(keyOf(scope, name), group);
    return group;
  }

  /** Settles when nothing is left of a group; it is gone at once. */
  async delete(scope: Scope, name: string): Promise<void> {
    const group = this.find(scope, name);
    this.#groups.delete(keyOf(scope, name));
    await group?.remove();
  }

  /** Writes what is held. Nothing is taken any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flush();
    await Promise.all(Array.from(this.#groups.values(), (group) => group.settle()));
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const streams = [...this.#dirty];
    this.#dirty.clear();
    await Promise.all(streams.map((stream) => stream.flush().catch((error) => this.#complain(error))));
  }

  #complain(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#log.error('Logs of agents cannot be written; what comes now may be missing there', { error });
  }
}

/** As the code points of names order them, whatever the machine's language. */
export function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isIn(group: Scope, { account, region }: Scope): boolean {
  return group.account === account && group.region === region;
}

function keyOf({ account, region }: Scope, name: string): string {
  return JSON.stringify([account, region, name]);
}
