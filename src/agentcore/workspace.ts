import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ToolFailure } from '../failure.ts';
import { makeFolders } from '../platform/make-folders.ts';
import { nearest } from '../platform/nearest.ts';
import { Folder } from './folder.ts';
import { type Entry, entriesOf, entryOf, readIn } from './workspace-entries.ts';
import { inWords, missing, notAFile, refuseHidden } from './workspace-failures.ts';

/** Of a folder, when the nearest to a mistyped one is looked for. */
const MAX_NAMES = 1_000;

/**
 * The one folder of this machine that tools read from and write to. Links may lead around inside it, never out of it:
 * a path is freed of links, checked, and then entered folder by folder without following any.
 */
export class Workspace {
  /** Absolute; may not exist yet. */
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** The path in the form in which results name it: relative to the root, with slashes. */
  nameOf(path: string): string {
    return relative(this.root, this.#inside(path)).split(sep).join('/');
  }

  /** @throws ToolFailure when there is no such file in the workspace, or it has more than `maxBytes`. */
  async read(path: string, maxBytes: number): Promise<Buffer> {
    const wanted = this.#inside(path);
    return inWords(path, async () => {
      const root = await realpath(this.root).catch(unlessMissing);
      if (root === undefined) throw missing(path, this.root);
      const real = (await realpath(wanted).catch(unlessMissing)) ?? (await this.#find(root, wanted, path));
      if (real === root) throw notAFile(path);
      const folder = await this.#enter(root, dirname(this.#checked(root, real, path)));
      try {
        return (await readIn(folder, basename(real), path, maxBytes)).content;
      } finally {
        await folder.close();
      }
    });
  }

  /**
   * Everything below a folder, or the one file; in folders that `enter` refuses nothing is looked at. An entry can be read
   * only before the next one is asked for. No link is followed below the folder.
   * @throws ToolFailure when there is nothing of that name in the workspace.
   */
  async *list(path: string, enter: (path: string) => boolean): AsyncGenerator<Entry> {
    const wanted = this.#inside(path);
    const { root, real, isFolder } = await inWords(path, async () => {
      const root = await realpath(this.root).catch(unlessMissing);
      if (root === undefined) throw missing(path, this.root);
      const real = (await realpath(wanted).catch(unlessMissing)) ?? (await this.#find(root, wanted, path));
      return { root, real: this.#checked(root, real, path), isFolder: (await lstat(real)).isDirectory() };
    });
    const folder = await inWords(path, () => this.#enter(root, isFolder ? real : dirname(real)));
    try {
      yield* isFolder
        ? entriesOf(folder, '', enter)
        : [entryOf(folder, basename(real), basename(real), 'file')];
    } finally {
      await folder.close();
    }
  }

  /**
   * Whether {@link write} would take the path, as far as that can be told before there is anything to write; makes nothing.
   * @throws ToolFailure as {@link write} does.
   */
  async checkWritable(path: string): Promise<void> {
    const wanted = this.#inside(path);
    if (wanted === this.root) throw notAFile(path);
    return inWords(path, async () => {
      const root = await withoutLinks(this.root);
      const parent = await this.#parentOf(wanted, root, path);
      const folder = await nearestThere(parent);
      if (!folder.stat.isDirectory()) throw systemError('ENOTDIR');
      await access(folder.path, constants.W_OK | constants.X_OK);
      if ((await statOf(join(parent, basename(wanted))))?.isDirectory()) throw systemError('EISDIR');
    });
  }

  /** Whether there is anything under this path, which {@link write} would replace. */
  async has(path: string): Promise<boolean> {
    const wanted = this.#inside(path);
    return (await inWords(path, () => statOf(wanted))) !== undefined;
  }

  /**
   * Writes a file in one step: readers see the old content or the new one. Makes the folders above it.
   * @returns the path under which the user finds it.
   * @throws ToolFailure when the path leads out of the workspace, is a folder, or is hidden.
   */
  async write(path: string, content: Uint8Array): Promise<string> {
    const wanted = this.#inside(path);
    if (wanted === this.root) throw notAFile(path);
    return inWords(path, async () => {
      makeFolders(this.root, 0o700);
      const root = await realpath(this.root);
      const parent = await this.#parentOf(wanted, root, path);
      const folder = await this.#enter(root, parent, { make: true });
      const draft = folder.at(`.${randomBytes(8).toString('hex')}.part`);
      try {
        const file = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644);
        await file.writeFile(content).finally(() => file.close());
        await rename(draft, folder.at(basename(wanted)));
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        throw error;
      } finally {
        await folder.close();
      }
      return join(parent, basename(wanted));
    });
  }

  /** What a path names where a folder has the name in the other form of Unicode, as files from a Mac have. */
  async #find(root: string, wanted: string, path: string): Promise<string> {
    const parts = relative(this.root, wanted).split(sep);
    let real = root;
    for (const [index, part] of parts.entries()) {
      const names = await readdir(real);
      const name = names.includes(part)
        ? part
        : names.find((other) => other.normalize() === part.normalize());
      if (name === undefined) {
        const visible = names.filter((other) => !other.startsWith('.')).slice(0, MAX_NAMES);
        const meant = nearest(part, visible);
        throw missing(path, this.root, meant && parts.with(index, meant).join('/'));
      }
      real = this.#checked(root, await realpath(join(real, name)), path);
    }
    return real;
  }

  /** The folder, free of links, that a file is to be written to; it may not exist yet. */
  async #parentOf(wanted: string, root: string, path: string): Promise<string> {
    const parent = this.#checked(root, await withoutLinks(dirname(wanted)), path);
    refuseHidden(relative(root, join(parent, basename(wanted))), path);
    return parent;
  }

  async #enter(root: string, real: string, { make = false } = {}): Promise<Folder> {
    let folder = await Folder.enter(root);
    for (const part of relative(root, real).split(sep).filter(Boolean)) {
      const outer = folder;
      try {
        if (make) await mkdir(outer.at(part)).catch(unlessThere);
        folder = await outer.enter(part);
      } finally {
        await outer.close();
      }
    }
    return folder;
  }

  /** The absolute path, when it lies below the root as it is written. */
  #inside(path: string): string {
    const absolute = isAbsolute(path) ? resolve(path) : resolve(this.root, path);
    if (path.includes('\0')) throw this.#outside(path);
    return this.#checked(this.root, absolute, path);
  }

  #checked(root: string, absolute: string, path: string): string {
    const way = relative(root, absolute);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) throw this.#outside(path);
    return absolute;
  }

  #outside(path: string): ToolFailure {
    return new ToolFailure({
      code: 'OutsideWorkspace',
      message: `${path} does not lie in the workspace ${this.root}.`,
      hint: 'Use a path relative to the workspace. Its user can move the workspace with --workspace.',
    });
  }
}

/** The path with every link in it resolved, as far as it exists; the rest as it is. */
async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    return join(await withoutLinks(dirname(path)), basename(path));
  }
}

/** The path itself or the folder above it that is there. */
async function nearestThere(path: string): Promise<{ path: string; stat: Stats }> {
  const stat = await statOf(path);
  return stat ? { path, stat } : nearestThere(dirname(path));
}

/** Of a link, about the link; undefined where there is nothing. */
function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(unlessMissing);
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
