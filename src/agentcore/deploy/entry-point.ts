import type { RuntimeName } from '../../engine/sandbox/interpreters.ts';
import { ToolFailure } from '../../failure.ts';
import { nearest } from '../../platform/nearest.ts';
import { pythonRuntime } from '../deployment.ts';
import type { SourceFile } from './source.ts';

/** How an agent is started. */
export interface Start {
  /** The file, relative to the agent's folder. */
  file: string;
  runtime: RuntimeName;
}

const pythonNames = ['main.py', 'app.py', 'agent.py'];
const nodeNames = ['index.mjs', 'main.mjs', 'index.js', 'main.js', 'agent.mjs', 'app.mjs'];
export const pythonVersions = ['3.10', '3.11', '3.12', '3.13', '3.14'] as const;
export type PythonVersion = (typeof pythonVersions)[number];
export function isPythonVersion(version: string): version is PythonVersion {
  return (pythonVersions as readonly string[]).includes(version);
}
const DEFAULT_PYTHON: PythonVersion = '3.13';

const isPython = (path: string) => path.endsWith('.py');
const isNode = (path: string) => /\.[cm]?js$/.test(path);

/**
 * The file that starts an agent: the one named, or the one that is called as such files are, or the only one.
 * @throws ToolFailure `EntryPoint` with the files to choose from.
 */
export function startOf(files: readonly SourceFile[], named?: string, python = DEFAULT_PYTHON): Start {
  const paths = files.map(({ path }) => path);
  const file = named === undefined ? found(files, paths) : given(paths, named);
  if (isNode(file)) return { file, runtime: 'NODE_22' };
  return { file, runtime: pythonRuntime(python) };
}

function given(paths: readonly string[], named: string): string {
  const file = named.replace(/^\.\//, '');
  if (!paths.includes(file)) {
    const meant = nearest(file, paths);
    throw wrong(`There is no file ${file} to start with.${meant ? ` Did you mean ${meant}?` : ''}`, paths);
  }
  if (isPython(file) || isNode(file)) return file;
  const compiled = /\.[cm]?tsx?$/.test(file) ? ' Compile TypeScript to JavaScript first.' : '';
  throw wrong(`${file} is neither Python nor JavaScript.${compiled}`, paths);
}

function found(files: readonly SourceFile[], paths: readonly string[]): string {
  const known = [...pythonNames, ...(paths.some(isPython) ? [] : [mainOf(files), ...nodeNames])];
  const usual = known.find((name) => name !== undefined && paths.includes(name));
  if (usual) return usual;
  const main = mainOf(files);
  if (main && paths.includes(main)) return main;
  const top = paths.filter((path) => !path.includes('/') && (isPython(path) || isNode(path)));
  const code = top.filter(
    (path) => !/^(?:setup|conftest|test_.*|.*_test)\.py$|\.(?:test|config)\.[cm]?js$/.test(path),
  );
  const [only] = code;
  if (only && code.length === 1) return only;
  throw wrong(
    code.length > 1
      ? `Any of these files could start the agent: ${code.slice(0, 20).join(', ')}.`
      : 'No file was found that could start the agent.',
    paths,
  );
}

/** `main` of package.json. */
function mainOf(files: readonly SourceFile[]): string | undefined {
  const manifest = files.find(({ path }) => path === 'package.json');
  if (!manifest) return undefined;
  try {
    const { main } = JSON.parse(manifest.content.toString()) as { main?: unknown };
    return typeof main === 'string' && isNode(main) ? main.replace(/^\.\//, '') : undefined;
  } catch {
    throw new ToolFailure({ code: 'EntryPoint', message: 'package.json is not valid JSON.' });
  }
}

function wrong(message: string, paths: readonly string[]): ToolFailure {
  const code = paths.filter((path) => /\.(?:py|[cm]?[jt]s)$/.test(path) && !path.includes('node_modules/'));
  return new ToolFailure({
    code: 'EntryPoint',
    message,
    hint: `Name the file in entry_point. There are: ${code.slice(0, 20).join(', ') || 'no .py, .mjs or .js files'}.`,
  });
}
