import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { defaultAccount } from '../../src/engine/index.ts';
import { stopAfterTest } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { binary } from '../support/mcp-clients.ts';
import { startProgram } from '../support/program.ts';
import { temporaryDir } from '../support/temporary.ts';

/** A home folder and variables that users have. */
export interface Machine {
  /** Files below the home folder. */
  files: Record<string, string>;
  env: Record<string, string>;
}

const wrongKeys = 'aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = wrong\naws_session_token = old\n';

/** A default profile that bends every endpoint, another one in use with SSO, and variables that say otherwise again. */
const inUse: Machine = {
  files: {
    '.aws/credentials': `[default]\n${wrongKeys}[keys]\n${wrongKeys}`,
    '.aws/config': `
[default]
region = ap-southeast-2
ignore_configured_endpoint_urls = true
use_fips_endpoint = true
use_dualstack_endpoint = true

[profile work]
region = eu-west-3
endpoint_url = http://127.0.0.1:9
sso_session = corporate
sso_account_id = 123456789012
sso_role_name = Admin

[sso-session corporate]
sso_region = eu-west-3
sso_start_url = https://sso.invalid/start
`,
  },
  env: {
    AWS_PROFILE: 'work',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wrong',
    AWS_SESSION_TOKEN: 'old',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_USE_FIPS_ENDPOINT: 'true',
    HTTP_PROXY: 'http://127.0.0.1:9',
    http_proxy: 'http://127.0.0.1:9',
  },
};

const withKeysProfile: Machine = { files: inUse.files, env: { AWS_PROFILE: 'keys' } };

export const machines = {
  'a machine without AWS settings': { files: {}, env: {} },
  'a machine with an SSO profile, a proxy and a bent default profile': inUse,
  'a machine with another profile’s keys': withKeysProfile,
} satisfies Record<string, Machine>;

/** Programs of users, each with an AWS client of its own kind. */
export const programs = {
  boto3: [interopPython, 'code_interpreter_boto3.py'],
  'bedrock-agentcore for Python': [interopPython, 'code_interpreter_sdk.py'],
  'the AWS SDK for JavaScript': [process.execPath, 'code-interpreter-v3.mjs'],
  'bedrock-agentcore for TypeScript': [process.execPath, 'code-interpreter-sdk.mjs'],
} as const;

/** The built engine in the foreground, with a data directory of its own. @returns that directory. */
export async function startEngineProgram(flags: readonly string[] = []): Promise<string> {
  const dataDir = temporaryDir();
  const engine = startProgram('cli.js', ['engine', '--port', '0', '--data-dir', dataDir, ...flags]);
  stopAfterTest(dataDir);
  engine.stderr.resume();
  for await (const line of createInterface({ input: engine.stdout })) {
    if (JSON.parse(line).ready) return dataDir;
  }
  throw new Error('The engine ended before it was ready.');
}

const DEADLINE_MS = 100_000;

/**
 * Runs a program in a shell that has evaluated what `agentcore-mcp env` prints, and nothing else for the program's sake.
 * @param account Whose the exports are. @param override Set after that.
 * @returns what the program prints, as JSON.
 */
export async function runOn(
  { files, env }: Machine,
  program: readonly [string, string],
  dataDir: string,
  { account = defaultAccount, override = '' }: { account?: string; override?: string } = {},
): Promise<Record<string, unknown>> {
  const home = temporaryDir('home');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), content);
  }
  const [interpreter, script] = program;
  const lines = [
    'exports=$("$1" "$2" env --data-dir "$3" --account "$6")',
    'eval "$exports"',
    override,
    'exec "$4" "$5"',
  ];
  const args = [process.execPath, binary, dataDir, interpreter, join(import.meta.dirname, script), account];
  const { stdout } = await promisify(execFile)('sh', ['-euc', lines.join('\n'), 'sh', ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, HOME: home, ...env },
    timeout: DEADLINE_MS,
  });
  return JSON.parse(stdout);
}
