import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultRegion, type Engine } from '../../src/engine/index.ts';
import { interopPython } from './interop-python.ts';
import { temporaryDir } from './temporary.ts';

export interface PythonOptions {
  args?: string[];
  region?: string;
  /** Which of boto3's clients talk to the engine, such as `S3`; unset, all. */
  service?: string;
  timeout?: number;
}

/** Runs a program of test/interop, whose AWS clients talk to an engine, in a home of its own. @returns what it prints, as JSON. */
export async function runPython(
  engine: Pick<Engine, 'url' | 'credentials'>,
  script: string,
  { args = [], region = defaultRegion, service, timeout = 45_000 }: PythonOptions = {},
): Promise<Record<string, unknown>> {
  const { accessKeyId, secretAccessKey } = engine.credentials();
  const path = join(import.meta.dirname, '..', 'interop', script);
  const { stdout } = await promisify(execFile)(interopPython, [path, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: temporaryDir('home'),
      [service === undefined ? 'AWS_ENDPOINT_URL' : `AWS_ENDPOINT_URL_${service}`]: engine.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: region,
    },
    timeout,
  });
  return JSON.parse(stdout);
}
