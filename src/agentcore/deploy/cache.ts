import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../platform/make-folders.ts';

/** What requirements without versions mean changes with time. */
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1000;
const MAX_FOLDERS = 24;
const FACTS = 'facts.json';

/** Dependencies as they were once fetched. */
export interface Dependencies {
  /** They lie here as they are to lie in the agent's folder. */
  folder: string;
  /** Names with versions, e.g. `boto3 1.40.1`. */
  packages: string[];
  /** Whether nothing had to be fetched for them this time. */
  cached: boolean;
}

/** Folders of dependencies by what was asked for, kept for a week. Several processes may use them at once. */
export class DependencyCache {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The folder for this key; `fetch` fills a new one and says what is in it. */
  async get(key: unknown, fetch: (folder: string) => Promise<string[]>): Promise<Dependencies> {
    const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24);
    const place = join(this.#root, name);
    const known = await factsOf(place);
    if (known) return { folder: join(place, 'files'), packages: known, cached: true };
    const draft = join(this.#root, `.${name}.${randomBytes(4).toString('hex')}`);
    makeFolders(this.#root, 0o700);
    try {
      await mkdir(join(draft, 'files'), { recursive: true });
      const packages = await fetch(join(draft, 'files'));
      await writeFile(join(draft, FACTS), JSON.stringify(packages));
      await this.#settle(draft, place);
      await this.#prune();
      return { folder: join(place, 'files'), packages, cached: false };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  /** Puts a finished folder into its place. Another call may have been faster, and its folder may be in use already. */
  async #settle(draft: string, place: string): Promise<void> {
    const isThere = async (error: Error) => {
      if (!(await factsOf(place))) throw error;
    };
    if (!(await factsOf(place))) await rm(place, { recursive: true, force: true });
    await rename(draft, place).catch(isThere);
  }

  /** Too old ones, and of too many the oldest, go. */
  async #prune(): Promise<void> {
    const names = await readdir(this.#root);
    const aged = await Promise.all(
      names.map(async (name) => {
        const { mtimeMs } = await stat(join(this.#root, name)).catch(() => ({ mtimeMs: Date.now() }));
        return { name, mtimeMs };
      }),
    );
    const oldest = Date.now() - MAX_AGE_MS;
    const gone = aged
      .toSorted((a, b) => b.mtimeMs - a.mtimeMs)
      .filter(({ mtimeMs }, index) => mtimeMs < oldest || index >= MAX_FOLDERS);
    for (const { name } of gone) await rm(join(this.#root, name), { recursive: true, force: true });
  }
}

async function factsOf(place: string): Promise<string[] | undefined> {
  try {
    const file = join(place, FACTS);
    if ((await stat(file)).mtimeMs < Date.now() - MAX_AGE_MS) return undefined;
    const packages = JSON.parse(await readFile(file, 'utf8')) as string[];
    await utimes(place, new Date(), new Date());
    return packages;
  } catch {
    return undefined;
  }
}
