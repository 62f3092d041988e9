import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolFailure } from '../../failure.ts';
import { onPath } from '../../platform/on-path.ts';
import type { Platform } from '../deployment.ts';
import type { Dependencies } from './cache.ts';
import type { Fetching } from './python-packages.ts';
import { run } from './run.ts';
import type { SourceFile } from './source.ts';

const LOCK = 'package-lock.json';

/**
 * The packages that an agent of Node asks for in package.json, as `node_modules`; undefined where it asks for none, or
 * brings them along. No script of theirs runs here.
 * @throws ToolFailure `Requirements` with npm's own words.
 */
export async function nodePackages(
  files: readonly SourceFile[],
  fetching: Fetching,
): Promise<Dependencies | undefined> {
  const manifest = files.find(({ path }) => path === 'package.json');
  const brought = files.some(({ path }) => path.startsWith('node_modules/'));
  if (!manifest || brought) return undefined;
  const { dependencies = {} } = JSON.parse(manifest.content.toString()) as { dependencies?: object };
  if (Object.keys(dependencies).length === 0) return undefined;
  refuseLocal(dependencies);
  const lock = files.find(({ path }) => path === LOCK);
  const platform = await fetching.platform();
  const key = { language: 'node', dependencies, lock: lock?.content.toString(), platform };
  return fetching.cache.get(key, async (folder) => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
    if (lock) await writeFile(join(folder, LOCK), lock.content);
    await install(folder, platform, fetching);
    await Promise.all(['package.json', LOCK].map((name) => rm(join(folder, name), { force: true })));
    return packagesIn(join(folder, 'node_modules'));
  });
}

function refuseLocal(dependencies: object): void {
  const local = Object.entries(dependencies).find(([, wanted]) =>
    /^(?:file|link|workspace|portal):/.test(wanted),
  );
  if (!local) return;
  throw new ToolFailure({
    code: 'Requirements',
    message: `package.json: ${local[0]} is taken from ${local[1]}, a folder, which is not done here.`,
    hint: 'Put the code beside the entry point, or put node_modules into the folder.',
  });
}

async function install(folder: string, platform: Platform, { signal, progress }: Fetching): Promise<void> {
  const npm = onPath('npm');
  if (!npm)
    throw new ToolFailure({
      code: 'NoNpm',
      message: 'The dependencies of package.json cannot be fetched: there is no npm on the search path.',
      hint: 'Put node_modules into the folder, or install npm.',
    });
  progress('fetching the dependencies of package.json');
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const target = [`--cpu=${platform.processor}`, '--os=linux', '--libc=glibc'];
  const { code, output } = await run(
    npm,
    ['install', '--omit=dev', '--ignore-scripts', ...quiet, ...target],
    {
      cwd: folder,
      env: ownEnvironment(),
      signal,
    },
  );
  if (code === 0) return;
  throw new ToolFailure({
    code: 'Requirements',
    message: 'npm could not fetch the dependencies of package.json.',
    foreign: output.split('\n').filter(Boolean).slice(-12).join('\n'),
    hint: 'Check names and versions in package.json, or put node_modules into the folder.',
  });
}

/** Without what an npm above this process has set for its own package. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^npm_(?:package|lifecycle|command|execpath|config_(?:local_prefix|prefix|omit|include))/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function packagesIn(modules: string): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8').catch(() => '{}')) as {
    packages?: Record<string, { version?: string }>;
  };
  const locked = Object.entries(lock.packages ?? {}).map(
    ([path, { version = '' }]) => `${path.replace(/^.*node_modules\//, '')} ${version}`,
  );
  return locked.length > 0 ? locked.toSorted() : readdir(modules);
}
