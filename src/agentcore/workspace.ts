import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ToolFailure } from '../failure.ts';

/** Where the system has it, opening refuses a symbolic link; elsewhere the checks around the opening remain. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** A named pipe must not hold the opening up. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/**
 * The one folder of this machine that tools read from and write to. Links may lead around inside it, never out of it;
 * that is checked on the opened file, so a folder exchanged in between is noticed too.
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
    const real = await this.#real(wanted, path);
    const file = await open(real, constants.O_RDONLY | NO_FOLLOW | NO_WAIT).catch((error) => {
      throw unusable(path, error);
    });
    try {
      await this.#sameFile(file, real, path);
      const { size } = await file.stat();
      if (size > maxBytes) throw tooLarge(path, size, maxBytes);
      const content = await file.readFile();
      if (content.length > maxBytes) throw tooLarge(path, content.length, maxBytes);
      return content;
    } finally {
      await file.close();
    }
  }

  /**
   * Writes a file in one step: readers see the old content or the new one. Makes the folders above it.
   * @returns the path under which the user finds it.
   * @throws ToolFailure when the path leads out of the workspace or is a folder.
   */
  async write(path: string, content: Uint8Array): Promise<string> {
    const wanted = this.#inside(path);
    const folder = await this.#folder(dirname(wanted), path);
    const temporary = join(folder, `.${randomBytes(8).toString('hex')}.part`);
    const target = join(folder, basename(wanted));
    try {
      const file = await open(
        temporary,
        constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
        0o644,
      );
      try {
        await this.#sameFile(file, temporary, path);
        await file.writeFile(content);
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw unusable(path, error);
    }
    return target;
  }

  /** The absolute path, when it lies below the root as it is written. */
  #inside(path: string): string {
    const absolute = isAbsolute(path) ? resolve(path) : resolve(this.root, path);
    if (path.includes('\0') || !isWithin(this.root, absolute)) throw this.#outside(path);
    return absolute;
  }

  async #real(absolute: string, path: string): Promise<string> {
    const real = await realpath(absolute).catch((error) => {
      throw unusable(path, error);
    });
    const root = await realpath(this.root).catch((error) => {
      throw unusable(path, error);
    });
    if (isWithin(root, real)) return real;
    throw this.#outside(path);
  }

  /** The real path of a folder, which is made step by step, each step checked before the next. */
  async #folder(absolute: string, path: string): Promise<string> {
    await mkdir(this.root, { recursive: true }).catch((error) => {
      throw unusable(path, error);
    });
    const root = await realpath(this.root);
    let folder = root;
    for (const part of relative(this.root, absolute).split(sep).filter(Boolean)) {
      folder = join(folder, part);
      await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw unusable(path, error);
      });
      folder = await realpath(folder).catch((error) => {
        throw unusable(path, error);
      });
      if (!isWithin(root, folder)) throw this.#outside(path);
    }
    return folder;
  }

  /** That the opened file is a regular one, and still the one that lies inside under this real path. */
  async #sameFile(file: FileHandle, real: string, path: string): Promise<void> {
    const opened = await file.stat();
    if (!opened.isFile())
      throw new ToolFailure({ code: 'NotAFile', message: `${path} is not a regular file.` });
    const inside = join(await this.#real(dirname(real), path), basename(real));
    const named = await lstat(inside).catch((error) => {
      throw unusable(path, error);
    });
    if (named.ino !== opened.ino || named.dev !== opened.dev) throw this.#outside(path);
  }

  #outside(path: string): ToolFailure {
    return new ToolFailure({
      code: 'OutsideWorkspace',
      message: `${path} does not lie in the workspace ${this.root}.`,
      hint: 'Use a path relative to the workspace. Its user can move the workspace with --workspace.',
    });
  }
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function tooLarge(path: string, size: number, maxBytes: number): ToolFailure {
  return new ToolFailure({
    code: 'TooLarge',
    message: `${path} has ${size} bytes; at most ${maxBytes} can be transferred here.`,
    hint: 'Split or compress the file.',
  });
}

const reasons: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be used: the system denies access',
  EISDIR: 'is a folder',
  ENOTDIR: 'has a file where a folder is needed',
  ELOOP: 'is a symbolic link that leads nowhere useful',
  ENOSPC: 'does not fit on the disk',
  EROFS: 'lies on a read-only disk',
  ENAMETOOLONG: 'has too long a name',
};

function unusable(path: string, error: unknown): ToolFailure {
  if (error instanceof ToolFailure) return error;
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  return new ToolFailure(
    {
      code: 'WorkspaceFile',
      message: `${path} in the workspace ${reasons[code] ?? `cannot be used (${code})`}.`,
    },
    { cause: error },
  );
}
