import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..', '..'));
export const packages = join(root, 'node_modules');
export const dist = join(root, 'dist');
export const windows = process.platform === 'win32';

/** The Node that the project runs on: an npm package, whatever the machine's own is. */
export const nodeOfClone = join(packages, 'node', 'bin', windows ? 'node.exe' : 'node');

/** Ends the script with a message instead of a stack. */
export class Refusal extends Error {}

/** To stderr: stdout belongs to the program. */
export const say = (line) => process.stderr.write(`agentcore-mcp: ${line}\n`);
