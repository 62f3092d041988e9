import type { RuntimeName } from '../../../sandbox/interpreters.ts';
import { ArtifactError } from '../../artifacts/artifact-error.ts';

const SHOWN = 20;

/** Where packages put their programs, below the code. */
export const programs = { python: 'bin', node: 'node_modules/.bin' } as const;

const endings: Readonly<Record<'python' | 'node', readonly string[]>> = {
  python: ['.py'],
  node: ['.js', '.mjs', '.cjs'],
};

const languageOf = (runtime: RuntimeName): 'python' | 'node' =>
  runtime.startsWith('NODE_') ? 'node' : 'python';

/**
 * Whether the code can be started as told: with `["main.py"]`, or with a launcher before it. What a launcher gets may also
 * be no file, e.g. `main:app`.
 * @param files Of the unpacked zip.
 * @throws ArtifactError which names what there is instead.
 */
export function checkEntryPoint(
  runtime: RuntimeName,
  entryPoint: readonly string[],
  files: readonly string[],
): void {
  const file = entryPoint.at(-1) ?? '';
  const launcher = entryPoint.length > 1 ? entryPoint[0] : undefined;
  const isFile = launcher === undefined || /\.\w+$/.test(file);
  if (isFile) {
    checkEnding(runtime, file);
    checkPresence(file, files);
  }
  if (launcher !== undefined) checkLauncher(runtime, launcher, files);
}

function checkPresence(file: string, files: readonly string[]): void {
  if (files.includes(plain(file))) return;
  throw new ArtifactError(`The entry point ${file} is not in the zip. ${whereItIs(plain(file), files)}`);
}

const plain = (file: string) => file.replace(/^(\.\/+)+/, '');

function checkEnding(runtime: RuntimeName, file: string): void {
  const language = languageOf(runtime);
  if (endings[language].some((ending) => file.endsWith(ending))) return;
  const other = language === 'python' ? 'node' : 'python';
  if (endings[other].some((ending) => file.endsWith(ending))) {
    throw new ArtifactError(
      `The entry point ${file} is not for ${runtime}. Choose the runtime of its language.`,
    );
  }
  if (/\.[mc]?tsx?$/.test(file)) {
    throw new ArtifactError(
      `The entry point ${file} is TypeScript, which AgentCore does not run. Compile it, and name the .js file.`,
    );
  }
  throw new ArtifactError(
    `The entry point ${file} is no file that ${runtime} runs: it must end in ${endings[language].join(', ')}.`,
  );
}

function checkLauncher(runtime: RuntimeName, launcher: string, files: readonly string[]): void {
  const language = languageOf(runtime);
  const program = `${programs[language]}/${launcher}`;
  if (launcher === language || files.includes(program)) return;
  const remedy =
    launcher === 'opentelemetry-instrument'
      ? 'Vendor aws-opentelemetry-distro, or leave the launcher out.'
      : 'Vendor the package that brings it, or leave it out.';
  throw new ArtifactError(`The launcher ${launcher} is not in the zip: there is no ${program}. ${remedy}`);
}

function whereItIs(file: string, files: readonly string[]): string {
  const folder = files.find((path) => path.endsWith(`/${file}`))?.slice(0, -file.length);
  if (folder) {
    return `It is in ${folder}: zip what is in that folder and not the folder, or name ${folder}${file}.`;
  }
  const root = [...new Set(files.map((path) => path.replace(/\/.*/, '/')))].sort();
  if (root.length === 0) return 'The zip has no files.';
  const more = root.length > SHOWN ? ` and ${root.length - SHOWN} more` : '';
  return `At its root are: ${root.slice(0, SHOWN).join(', ')}${more}.`;
}
