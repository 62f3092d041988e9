import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDir } from '../support/temporary.ts';

/** What looks like an installed Chromium as long as nobody starts it. */
export function fakeChromium(): string {
  const folder = temporaryDir('chromium');
  chmodSync(folder, 0o755);
  const program = join(folder, 'chromium');
  writeFileSync(program, '\x7fELF', { mode: 0o755 });
  writeFileSync(join(folder, 'icudtl.dat'), '');
  return program;
}
