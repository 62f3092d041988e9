import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { ToolFailure } from '../failure.ts';
import type { Folder } from './folder.ts';
import { inWords, notAFile } from './workspace-failures.ts';

/** Where the system has it, opening refuses a symbolic link. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** A named pipe must not hold the opening up. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** What `Workspace.list` finds. */
export interface Entry {
  /** Relative to the folder that was listed, with slashes; of a single file its name. */
  path: string;
  /** `other` is a link or a device. */
  kind: 'file' | 'folder' | 'other';
  /** The content of a file. @throws ToolFailure when it has more than `maxBytes`. */
  read(maxBytes: number): Promise<{ content: Buffer; executable: boolean }>;
}

/** What lies in a folder and below it, by name; see `Workspace.list`. */
export async function* entriesOf(
  folder: Folder,
  above: string,
  enter: (path: string) => boolean,
): AsyncGenerator<Entry> {
  const found = await inWords(above || '.', () => readdir(folder.at('.'), { withFileTypes: true }));
  for (const entry of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = above ? `${above}/${entry.name}` : entry.name;
    const kind = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other';
    yield entryOf(folder, entry.name, path, kind);
    if (kind !== 'folder' || !enter(path)) continue;
    const inner = await inWords(path, () => folder.enter(entry.name));
    try {
      yield* entriesOf(inner, path, enter);
    } finally {
      await inner.close();
    }
  }
}

/** One entry of a folder. */
export function entryOf(folder: Folder, name: string, path: string, kind: Entry['kind']): Entry {
  return {
    path,
    kind,
    read: (maxBytes) => inWords(path, () => readIn(folder, name, path, maxBytes)),
  };
}

/** The content of a file of a folder that was entered, without following a link. */
export async function readIn(
  folder: Folder,
  name: string,
  path: string,
  maxBytes: number,
): Promise<{ content: Buffer; executable: boolean }> {
  const file = await open(folder.at(name), constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
  try {
    return await contentOf(file, path, maxBytes);
  } finally {
    await file.close();
  }
}

async function contentOf(file: FileHandle, path: string, maxBytes: number) {
  const stat = await file.stat();
  if (!stat.isFile()) throw notAFile(path);
  if (stat.size > maxBytes)
    throw new ToolFailure({
      code: 'TooLarge',
      message: `${path} has ${stat.size} bytes; at most ${maxBytes} can be transferred here.`,
      hint: 'Split or compress the file.',
    });
  return { content: await file.readFile(), executable: (stat.mode & 0o100) !== 0 };
}
