/** TypeScript, and decorators, made JavaScript. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CellSyntaxError } from './cell-source.mjs';

const ESBUILD = fileURLToPath(new URL('esbuild', import.meta.url));
/** What earlier or later cells use looks unused to it. */
const SETTINGS = JSON.stringify({ compilerOptions: { verbatimModuleSyntax: true } });
const MAP = '//# sourceMappingURL=data:application/json;base64,';
const ERROR = /\[ERROR\] (.+)\n\n +.*:(\d+):(\d+):\n/;

/**
 * The JavaScript of a cell, with the source map that leads back.
 * @throws CellSyntaxError
 */
export async function compile(code, loader) {
  const { exitCode, stdout, stderr } = await run(
    [
      `--loader=${loader}`,
      `--target=node${process.versions.node}`,
      '--sourcemap=inline',
      '--sources-content=false',
      '--log-level=error',
      '--color=false',
      `--tsconfig-raw=${SETTINGS}`,
    ],
    code,
  );
  if (exitCode !== 0) throw syntaxError(code, stderr);
  const [script, map] = stdout.split(MAP);
  return { script, map: JSON.parse(Buffer.from(map, 'base64').toString()) };
}

function run(options, input) {
  return new Promise((resolve, reject) => {
    // A cell is short: further threads take longer to start than they save.
    const child = spawn(ESBUILD, options, { env: { GOMAXPROCS: '1' } });
    const printed = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => printed[name].push(chunk));
    child.once('error', (error) =>
      reject(new Error(`TypeScript needs esbuild, which does not start: ${error.message}`)),
    );
    child.once('close', (exitCode) => {
      const text = (name) => Buffer.concat(printed[name]).toString();
      resolve({ exitCode, stdout: text('stdout'), stderr: text('stderr') });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Its columns count bytes. */
function syntaxError(code, complaint) {
  const [, message, line, column] = ERROR.exec(complaint) ?? [];
  if (!message) return new Error(`TypeScript could not be compiled. ${complaint}`.trim());
  const before = Buffer.from(code.split('\n')[line - 1] ?? '').subarray(0, Number(column));
  return new CellSyntaxError(message, Number(line), before.toString().length);
}
