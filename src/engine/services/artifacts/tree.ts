import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file below a folder, relative to it, with `/` between the parts. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Of all files below a folder, in bytes. */
export async function sizeBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const file of await filesBelow(folder)) bytes += (await stat(join(folder, file))).size;
  return bytes;
}

/** Lets everybody read a folder and all below it, and nobody but the owner write, whatever the umask was. */
export async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await setMode(path, () => 0o755);
    else if (entry.isFile()) await setMode(path, (mode) => (mode & 0o111 ? 0o755 : 0o644));
  }
}

async function setMode(path: string, wanted: (mode: number) => number): Promise<void> {
  const mode = (await stat(path)).mode & 0o7777;
  if (mode !== wanted(mode)) await chmod(path, wanted(mode));
}
