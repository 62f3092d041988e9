import type { RuntimeName } from '../../../sandbox/interpreters.ts';
import { ArtifactError } from './artifact-error.ts';

const SHOWN = 20;

/** What each launcher that is more than a program of `bin/` needs to be there. */
const OTEL_MODULE = 'opentelemetry/instrumentation/auto_instrumentation/__init__.py';

const endings: Readonly<Record<'python' | 'node', readonly string[]>> = {
  python: ['.py'],
  node: ['.js', '.mjs', '.cjs'],
};

export const languageOf = (runtime: RuntimeName): 'python' | 'node' =>
  runtime.startsWith('NODE_') ? 'node' : 'python';

/**
 * Whether the code can be started as told: with `["main.py"]`, or with a launcher before the file.
 * @param files Of the unpacked zip.
 * @throws ArtifactError which names what there is instead.
 */
export function checkEntryPoint(
  runtime: RuntimeName,
  entryPoint: readonly string[],
  files: readonly string[],
): void {
  const file = entryPoint.at(-1) ?? '';
  checkEnding(runtime, file);
  if (!files.includes(plain(file))) {
    throw new ArtifactError(`The entry point ${file} is not in the zip. ${whereItIs(plain(file), files)}`);
  }
  const launcher = entryPoint.length > 1 ? entryPoint[0] : undefined;
  if (launcher !== undefined) checkLauncher(runtime, launcher, files);
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
  const name = launcher.replaceAll('-', '_');
  const places =
    languageOf(runtime) === 'node'
      ? [`node_modules/.bin/${launcher}`, `bin/${launcher}`]
      : [`bin/${launcher}`, `${name}/__main__.py`, `${name}.py`];
  if (launcher === 'opentelemetry-instrument') places.push(OTEL_MODULE);
  if (places.some((place) => files.includes(place))) return;
  const remedy =
    launcher === 'opentelemetry-instrument'
      ? 'Vendor aws-opentelemetry-distro, or leave the launcher out.'
      : 'Vendor the package that brings it, or leave it out.';
  throw new ArtifactError(
    `The launcher ${launcher} is not in the zip: there is none of ${places.join(', ')}. ${remedy}`,
  );
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
