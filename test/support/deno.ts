import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const VERSION = '2.9.6';
const root = join(import.meta.dirname, '..', '..');
/** Outside the source tree, so that it survives `npm ci`. */
const folder = join(root, '.cache', `deno-${VERSION}-${process.arch}`);

/** Puts Deno on the search path of this process; it is fetched from npm once. */
export function useDeno(): void {
  if (!existsSync(folder)) fetchDeno();
  process.env.PATH = [process.env.PATH, join(folder, 'package')].join(delimiter);
}

/** The package of one platform holds the program itself. */
function fetchDeno(): void {
  process.stderr.write('Fetching Deno for the tests of it...\n');
  mkdirSync(dirname(folder), { recursive: true });
  const fetched = mkdtempSync(`${folder}-`);
  const platform = `@deno/linux-${process.arch}-glibc@${VERSION}`;
  execFileSync('npm', ['pack', '--silent', '--pack-destination', fetched, platform], { cwd: fetched });
  const [archive] = readdirSync(fetched);
  execFileSync('tar', ['-xzf', join(fetched, archive as string), '-C', fetched]);
  renameSync(fetched, folder);
}
