import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
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
    for (const folder of await foldersBelow(this.#root, 4)) {
      const [account = '', region = '', runtimeId = '', version = ''] = relative(this.#root, folder).split(
        sep,
      );
      if (account === SCRATCH || isKnown({ account, region }, runtimeId, version)) continue;
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Of a folder, or nothing where it is none. */
const namesIn = (folder: string) => readdir(folder).catch((): string[] => []);

/** The paths so many levels below a folder. */
export async function foldersBelow(folder: string, depth: number): Promise<string[]> {
  if (depth === 0) return [folder];
  const names = await namesIn(folder);
  return (await Promise.all(names.map((name) => foldersBelow(join(folder, name), depth - 1)))).flat();
}
