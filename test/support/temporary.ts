import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder that goes away after the test; spaces and letters beyond ASCII are in its name on purpose. */
export function temporaryDir(name = 'Ünï çødé 数据'): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), `${name} `));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}
