import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serverProof, servesTheSame } from '../../src/cli/server-proof.ts';
import { parseConfig } from '../../src/config.ts';
import { openKeys } from '../../src/engine/process/keys.ts';
import { serveHttp } from '../../src/transports/http.ts';
import { contextWith } from '../support/contexts.ts';
import { temporaryDir } from '../support/temporary.ts';

const token = 'the-token-of-this-test';

function configOf(dataDir: string, { backend = 'local', bearerToken = token } = {}) {
  const env = { AGENTCORE_MCP_BEARER_TOKEN: bearerToken };
  return parseConfig(['--data-dir', dataDir, '--backend', backend], { env, cwd: temporaryDir() });
}

/** A server of a data directory that takes `token`. */
async function serving(dataDir: string): Promise<string> {
  const prove = serverProof({ dataDir }, token);
  const server = await serveHttp(contextWith(), { host: '127.0.0.1', port: 0, token, prove });
  onTestFinished(() => server.close());
  return new URL(server.url).origin;
}

test('a server that has the same keys and token is recognised', async () => {
  const dataDir = temporaryDir();
  const origin = await serving(dataDir);
  expect(await servesTheSame(origin, configOf(dataDir))).toBe(true);
  const other = configOf(dataDir, { bearerToken: 'the-token-of-another-test' });
  expect(await servesTheSame(origin, other)).toBe(false);
  expect(await servesTheSame(origin, configOf(temporaryDir()))).toBe(false);
});

test('on AWS, keys are used and not made', async () => {
  const dataDir = temporaryDir();
  const origin = await serving(dataDir);
  const config = configOf(dataDir, { backend: 'aws' });
  expect(await servesTheSame(origin, config)).toBe(false);
  expect(readdirSync(dataDir)).toEqual([]);
  openKeys(dataDir);
  expect(await servesTheSame(origin, config)).toBe(true);
});

test('with a data directory that cannot be used, none is the same', async () => {
  const file = join(temporaryDir(), 'file');
  writeFileSync(file, '');
  expect(await servesTheSame('http://127.0.0.1:1', configOf(file))).toBe(false);
});
