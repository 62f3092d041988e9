import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundledChromium } from '../engine/browser/bundled.ts';
import { installedChromium, programBehind } from '../engine/browser/chromium.ts';
import { weightsFile } from '../engine/models/embeddings/local/weights-file.ts';
import { managedEnvironment } from '../engine/sandbox/python.ts';
import { onPath } from '../platform/on-path.ts';
import { failedRecently } from './recent-failure.ts';

/**
 * Whether nothing needs to be set up, by a look at a few files. Runs before every start of a clone, on whatever Node the
 * machine has: it imports nothing but built-in modules of Node 18.
 */
export function isSetUp(): boolean {
  if (process.platform !== 'linux') return true;
  return (
    onPath('bwrap') !== undefined &&
    existsSync(join(managedEnvironment(), 'bin', 'python')) &&
    (existsSync(weightsFile()) || failedRecently('embedding-model')) &&
    hasBrowser()
  );
}

/** Whether there is a Chromium for browser sessions, likewise. */
export function hasBrowser(env: NodeJS.ProcessEnv = process.env): boolean {
  const { AGENTCORE_MCP_BROWSER_PATH: configured } = env;
  const program = configured ? programBehind(configured) : installedChromium(env);
  return program !== undefined || bundledChromium()?.unpacked === true;
}
