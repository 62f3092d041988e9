import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { managedEnvironment } from '../engine/sandbox/python.ts';
import { onPath } from '../platform/on-path.ts';

/**
 * Whether nothing needs to be set up, by a look at a few files. Runs before every start of a clone, on whatever Node the
 * machine has: it imports nothing but built-in modules of Node 18.
 */
export function isSetUp(): boolean {
  if (process.platform !== 'linux') return true;
  return onPath('bwrap') !== undefined && existsSync(join(managedEnvironment(), 'bin', 'python'));
}
