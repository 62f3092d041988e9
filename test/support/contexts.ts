import { onTestFinished } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { stopEngine } from '../../src/engine/process.ts';
import { createContext } from '../../src/server.ts';
import type { CallOptions } from '../../src/tools/call.ts';
import type { Tool } from '../../src/tools/define.ts';
import { temporaryDir } from './temporary.ts';

/**
 * A context of its own, with folders of its own; whatever it started is stopped after the test, and an engine that was
 * still starting then ends by itself a minute later.
 */
export function contextWith(flags: readonly string[] = [], tools?: readonly Tool[]): Context {
  const dir = temporaryDir();
  const dataDir = `${dir}/data`;
  const given = [
    '--data-dir',
    dataDir,
    '--workspace',
    `${dir}/workspace`,
    '--engine-idle',
    '60',
    '--spares',
    '0',
    ...flags,
  ];
  const context = createContext(parseConfig(given, { env: {}, cwd: dir }), tools);
  onTestFinished(async () => {
    await context.close(1000);
    await stopEngine(dataDir);
  });
  return context;
}

/** Nobody aborts. */
export const patient = (): CallOptions => ({ signal: new AbortController().signal });
