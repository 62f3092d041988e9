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
  const { dependencies = {} } = (readJson(manifest) ?? {}) as { dependencies?: object };
  if (Object.keys(dependencies).length === 0) return undefined;
  const lock = files.find(({ path }) => path === LOCK);
  refuseForeign(dependencies, lock);
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

function readJson({ path, content }: SourceFile): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    throw wrong(`${path} is not valid JSON`);
  }
}

/** A range, a tag, another name's range, or the address of an archive: what npm fetches without running anything. */
const fetched = /^(?:npm:)?(?:@[\w.-]+\/)?[\w.*^~<>=| +@-]*$|^https:\/\/[^\s#]+\.t(?:ar\.)?gz$/;
/** Where a lock file says that packages come from. */
const origin = /^https?:\/\//;

/**
 * npm prepares a package from a repository by running what that says, also without its scripts, and reads folders and
 * archives of this machine.
 */
function refuseForeign(dependencies: object, lock: SourceFile | undefined): void {
  for (const [name, wanted] of Object.entries(dependencies)) {
    if (typeof wanted !== 'string' || !fetched.test(wanted))
      throw wrong(
        `package.json: ${name} is taken from ${wanted}, a folder or a repository, which is not done here`,
      );
  }
  if (!lock) return;
  const { packages = {}, dependencies: older = {} } = (readJson(lock) ?? {}) as Record<string, object>;
  for (const [place, locked] of Object.entries({ ...older, ...packages })) {
    const { resolved, version, link } = (locked ?? {}) as Record<string, unknown>;
    const isForeign = resolved !== undefined && !origin.test(String(resolved));
    if (isForeign || link || /^(?:git|file|github)/.test(String(version)))
      throw wrong(`${LOCK}: ${place} is taken from a folder or a repository, which is not done here`);
  }
}

function wrong(problem: string): ToolFailure {
  return new ToolFailure({
    code: 'Requirements',
    message: `${problem}.`,
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
  const registryOnly = ['--allow-git=none', '--allow-file=none', '--allow-directory=none'];
  const target = [`--cpu=${platform.processor}`, '--os=linux', '--libc=glibc'];
  const { code, output } = await run(
    npm,
    ['install', '--omit=dev', '--ignore-scripts', ...registryOnly, ...quiet, ...target],
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

/**
 * Without what an npm above this process has set for its own package. An npm that does not know how to leave repositories
 * alone finds no git, and an npm that it starts itself runs no scripts either.
 */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign =
    /^npm_(?:package|lifecycle|command|execpath|config_(?:local_prefix|prefix|omit|include|git|ignore_scripts))/i;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    npm_config_git: 'no-git-for-dependencies',
    npm_config_ignore_scripts: 'true',
  };
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
