import { sep } from 'node:path';
import { ToolFailure } from '../failure.ts';

/** Turns the system's errors into words. */
export async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ToolFailure ? error : unusable(path, error as NodeJS.ErrnoException);
  }
}

/** What programs of the host obey without being asked, such as git's hooks and editors' tasks, lies in hidden places. */
export function refuseHidden(way: string, path: string): void {
  if (!way.split(sep).some((part) => part.startsWith('.'))) return;
  throw new ToolFailure({
    code: 'HiddenFile',
    message: `${path} is hidden or lies in a hidden folder, where tools do not write.`,
    hint: 'Take a name without a dot at its beginning; the user can rename the file.',
  });
}

export function missing(path: string, root: string, meant?: string): ToolFailure {
  return new ToolFailure({
    code: 'WorkspaceFile',
    message: `${path} does not exist in the workspace ${root}.${meant ? ` Did you mean ${meant}?` : ''}`,
    hint: 'Paths are relative to the workspace. Its user can move the workspace with --workspace.',
  });
}

export function notAFile(path: string): ToolFailure {
  return new ToolFailure({ code: 'NotAFile', message: `${path} is not a regular file.` });
}

const reasons: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be used: the system denies access',
  EISDIR: 'is a folder',
  ENOTDIR: 'has something else where a folder is needed',
  ELOOP: 'is a symbolic link that leads nowhere useful',
  ENOSPC: 'does not fit on the disk',
  EROFS: 'lies on a read-only disk',
  EEXIST: 'has a file where a folder is needed',
  ENAMETOOLONG: 'has too long a name',
};

function unusable(path: string, error: NodeJS.ErrnoException): ToolFailure {
  const { code = 'unknown' } = error;
  const reason = reasons[code] ?? `cannot be used (${code})`;
  return new ToolFailure(
    { code: 'WorkspaceFile', message: `${path} in the workspace ${reason}.` },
    { cause: error },
  );
}
