import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from './mounts.ts';
import { HOME, SKELETON } from './mounts.ts';
import type { Sandbox } from './sandbox.ts';

/** Where matplotlib keeps the list of fonts it has found, below the home directory. */
const CACHE = '.cache/matplotlib';
const MAX_LIST = 16 * 1024 ** 2;
const DEADLINE_MS = 120_000;

const folderOf = (environment: string) => join(environment, 'matplotlib-fonts');

/** The prepared font list of a Python environment, for the home directory of a sandbox; empty while there is none. */
export function fontMounts(environment: string): Mount[] {
  const folder = folderOf(environment);
  try {
    return readdirSync(folder).map((name) => ({
      kind: 'file',
      content: readFileSync(join(folder, name)),
      target: `${SKELETON}/${CACHE}/${name}`,
    }));
  } catch {
    return [];
  }
}

/**
 * Lets matplotlib look for fonts once, in a sandbox of its own, and keeps what it found beside the environment: without
 * it the first figure of every sandbox waits for that search. Where the folder cannot be written nothing is kept.
 */
export async function prepareFonts(environment: string, sandbox: Sandbox): Promise<void> {
  const { exitCode } = await sandbox.runCommand('python -c "import matplotlib.font_manager"', {
    timeoutMs: DEADLINE_MS,
  });
  if (exitCode !== 0) return;
  const draft = `${folderOf(environment)}.${process.pid}`;
  try {
    mkdirSync(draft);
    for (const { path } of await sandbox.listFiles(join(HOME, CACHE))) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (name.endsWith('.json')) writeFileSync(join(draft, name), await sandbox.readFile(path, MAX_LIST));
    }
    renameSync(draft, folderOf(environment));
  } catch {
    // Somebody else was faster, or the folder is not ours to write; figures work all the same.
    rmSync(draft, { recursive: true, force: true });
  }
}
