import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../../service.ts';

/** No account has this name. */
const SCRATCH = 'scratch';

/** Where the code of agents lies: `<account>/<region>/<runtimeId>/<version>` below the root. */
export class CodeFolders {
  readonly #root: string;
  /** Of this engine: what earlier ones left may be removed while it works. */
  readonly #scratch = randomUUID();

  constructor(dataDir: string) {
    this.#root = join(dataDir, 'runtimes');
  }

  of({ account, region }: Scope, runtimeId: string, version: string): string {
    return join(this.#root, account, region, runtimeId, version);
  }

  /** A new place for what is in the making, on the same disk. */
  scratch(): string {
    return join(this.#root, SCRATCH, this.#scratch, randomUUID());
  }

  /** Removes the code of every version of an agent. */
  async remove({ account, region }: Scope, runtimeId: string): Promise<void> {
    await rm(join(this.#root, account, region, runtimeId), { recursive: true, force: true });
  }

  /** Removes what earlier engines left half-made, and the code of versions that `isKnown` does not know. */
  async sweep(isKnown: (scope: Scope, runtimeId: string, version: string) => boolean): Promise<void> {
    for (const left of await namesIn(join(this.#root, SCRATCH))) {
      if (left !== this.#scratch) await rm(join(this.#root, SCRATCH, left), { recursive: true, force: true });
    }
    for (const account of await namesIn(this.#root)) {
      if (account === SCRATCH) continue;
      for (const region of await namesIn(join(this.#root, account))) {
        for (const runtimeId of await namesIn(join(this.#root, account, region))) {
          for (const version of await namesIn(join(this.#root, account, region, runtimeId))) {
            const scope = { account, region };
            if (isKnown(scope, runtimeId, version)) continue;
            await rm(this.of(scope, runtimeId, version), { recursive: true, force: true });
          }
        }
      }
    }
  }
}

/** Of a folder, or nothing where it is none. */
const namesIn = (folder: string) => readdir(folder).catch((): string[] => []);
