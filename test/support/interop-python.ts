import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const requirements = join(root, 'test', 'interop', 'requirements.txt');

/** The environment with boto3 and AgentCore's Python SDK, outside the source tree so that it survives `npm ci`. */
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
const environment = join(root, '.cache', `interop-python-${version}`);
const complete = join(environment, 'complete');

export const interopPython = join(environment, 'bin', 'python');

/** Vitest's global set-up: installs the Python clients once, before any test runs. */
export function setup(): void {
  if (existsSync(complete)) return;
  process.stderr.write('Installing boto3 and the AgentCore SDK for the interop tests...\n');
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(environment, { recursive: true });
  execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
  execFileSync(interopPython, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'inherit' });
  writeFileSync(complete, '');
}
