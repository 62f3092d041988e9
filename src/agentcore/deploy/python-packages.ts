import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { managedEnvironment } from '../../engine/sandbox/index.ts';
import { findInterpreter } from '../../engine/sandbox/interpreters.ts';
import { ToolFailure } from '../../failure.ts';
import { onPath } from '../../platform/on-path.ts';
import { ownCommand } from '../../platform/own-command.ts';
import { type Platform, pythonRuntime } from '../deployment.ts';
import type { Dependencies, DependencyCache } from './cache.ts';
import { checkedRequirement, requirementsOf } from './requirements.ts';
import { run } from './run.ts';
import type { SourceFile } from './source.ts';

export interface Fetching {
  cache: DependencyCache;
  /** Asked only where there is something to fetch. */
  platform(): Promise<Platform>;
  signal: AbortSignal;
  progress(message: string): void;
}

/** glibc of Amazon Linux 2023 and of every Linux that is still looked after. */
const NEWEST_GLIBC = 28;
const OLDEST_GLIBC = 17;
/** Of those that a failure names. */
const MAX_VERSIONS = 5;

const architectures = { arm64: 'aarch64', x64: 'x86_64' } as const;

/**
 * The packages that an agent of Python asks for in requirements.txt, or else in pyproject.toml, as wheels for the
 * machine that runs it; undefined where it asks for none. Nothing of them runs here.
 * @throws ToolFailure `Requirements` for lines that are not taken, or naming what has no wheel.
 */
export async function pythonPackages(
  files: readonly SourceFile[],
  fetching: Fetching,
): Promise<Dependencies | undefined> {
  const requirements = await asked(files, fetching.signal);
  if (requirements.length === 0) return undefined;
  const platform = await fetching.platform();
  return fetching.cache.get({ language: 'python', requirements, platform }, async (folder) => {
    await fetch(folder, requirements, platform, fetching);
    return packagesIn(folder);
  });
}

async function asked(files: readonly SourceFile[], signal: AbortSignal): Promise<string[]> {
  const has = (path: string) => files.find((file) => file.path === path);
  if (has('requirements.txt')) return requirementsOf(files);
  const project = has('pyproject.toml');
  return project ? declared(project, signal) : [];
}

const READ_PROJECT = `
import json, sys
try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib
try:
    project = tomllib.loads(sys.argv[1]).get("project", {})
    print(json.dumps({"requirements": project.get("dependencies", []), "dynamic": "dependencies" in project.get("dynamic", [])}))
except ValueError as error:
    print(json.dumps({"problem": str(error)}))`;

/** What a pyproject.toml declares, read by Python itself. */
async function declared({ content }: SourceFile, signal: AbortSignal): Promise<string[]> {
  const args = ['-I', '-c', READ_PROJECT, content.toString()];
  const { output } = await run(pythonWithPip(), args, { env: process.env, signal });
  const { requirements = [], dynamic, problem } = JSON.parse(output || '{"problem": "no answer"}');
  if (!problem && !dynamic)
    return (requirements as string[]).map((line) => checkedRequirement(line, 'pyproject.toml'));
  throw new ToolFailure({
    code: 'Requirements',
    message: dynamic
      ? 'pyproject.toml computes its dependencies, which is not done here.'
      : 'pyproject.toml cannot be read.',
    foreign: problem,
    hint: 'Give a requirements.txt.',
  });
}

/** Of the environment that the set-up makes. */
function pythonWithPip(): string {
  return join(managedEnvironment(), 'bin', 'python');
}

async function fetch(
  folder: string,
  requirements: readonly string[],
  platform: Platform,
  at: Fetching,
): Promise<void> {
  const list = join(folder, '..', 'requirements.txt');
  await writeFile(list, `${requirements.join('\n')}\n`);
  const uv = onPath('uv');
  const command = uv
    ? { program: uv, args: uvArguments(platform) }
    : { program: pythonWithPip(), args: await pipArguments(platform) };
  at.progress(`fetching ${requirements.length} requirement${requirements.length === 1 ? '' : 's'}`);
  const started = await run(command.program, [...command.args, '--target', folder, '-r', list], {
    // Nothing lies there that a requirement could mean.
    cwd: folder,
    env: process.env,
    signal: at.signal,
    line(text) {
      const [, name] = /^(?:Collecting|Downloading) (\S+)/.exec(text) ?? [];
      if (name) at.progress(`fetching ${name.slice(0, 80)}`);
    },
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? noPip() : error;
  });
  if (started.code !== 0) throw notFetched(started.output, platform);
}

function uvArguments({ processor, version }: Platform): string[] {
  const target = `${architectures[processor]}-manylinux_2_${NEWEST_GLIBC}`;
  return [
    ...['pip', 'install', '--no-python-downloads', '--only-binary', ':all:', '--link-mode', 'copy'],
    ...['--python-version', version, '--python-platform', target],
  ];
}

/** pip looks at conditions such as `python_version < "3.12"` with the Python it runs on, so one of that version runs it. */
async function pipArguments({ processor, version }: Platform): Promise<string[]> {
  const glibcs = Array.from({ length: NEWEST_GLIBC - OLDEST_GLIBC + 1 }, (_, older) => NEWEST_GLIBC - older);
  const tags = [
    ...glibcs.map((minor) => `manylinux_2_${minor}`),
    'manylinux2014',
    'manylinux2010',
    'manylinux1',
  ];
  const interpreter = await findInterpreter(pythonRuntime(version)).catch(() => undefined);
  const same = interpreter?.version.startsWith(`${version}.`);
  return [
    ...['-I', '-m', 'pip', ...(same ? ['--python', interpreter?.hostExecutable ?? ''] : []), 'install'],
    ...[
      '--no-input',
      '--no-compile',
      '--disable-pip-version-check',
      '--only-binary=:all:',
      '--no-warn-conflicts',
    ],
    ...['--implementation', 'cp', '--python-version', version],
    ...tags.flatMap((tag) => ['--platform', `${tag}_${architectures[processor]}`]),
  ];
}

async function packagesIn(folder: string): Promise<string[]> {
  const infos = (await readdir(folder)).filter((name) => name.endsWith('.dist-info'));
  return infos.map((name) => name.replace(/\.dist-info$/, '').replace('-', ' ')).toSorted();
}

function notFetched(output: string, { processor, version }: Platform): ToolFailure {
  const missing =
    /No matching distribution found for ([^\s;]+)/.exec(output)?.[1] ??
    /Because (?:only )?(\S+?)(?:==\S+)? (?:has no (?:\w+ )?wheels|was not found)/.exec(output)?.[1];
  const isUnknown = /\(from versions: none\)|was not found in the package registry/.test(output);
  const target = `Python ${version} on ${architectures[processor]}`;
  return new ToolFailure({
    code: 'Requirements',
    message: missing
      ? isUnknown
        ? `There is no package ${bareName(missing)} on the index, or none of its versions is a wheel for ${target}.`
        : `There is no wheel of ${missing.slice(0, 100)} for ${target}.`
      : `The requirements could not be fetched for ${target}.`,
    foreign: withFewVersions(output).split('\n').filter(Boolean).slice(-12).join('\n'),
    hint: missing
      ? 'Correct its name, take another version of it, or another Python with the argument python. Only wheels are used.'
      : 'Check the requirements, and the network of the machine that the server runs on.',
  });
}

/** A requirement without the versions that are asked for. */
const bareName = (requirement: string) => requirement.split(/[^\w.-]/, 1)[0]?.slice(0, 100);

/** pip lists every version there is, oldest first. */
function withFewVersions(output: string): string {
  return output.replace(/(?<=\(from versions: )[^()]+(?=\))/g, (list) => {
    const versions = list.split(', ');
    return versions.length > MAX_VERSIONS ? `…, ${versions.slice(-MAX_VERSIONS).join(', ')}` : list;
  });
}

function noPip(): ToolFailure {
  return new ToolFailure({
    code: 'NoPip',
    message:
      'Requirements cannot be fetched: there is neither uv nor the Python environment of this program.',
    hint: `Run in a terminal: ${ownCommand('setup')}. It makes the environment; or install uv.`,
  });
}
