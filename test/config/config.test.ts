import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { configTable } from '../../src/config-table.ts';
import { optionsOf, UsageError } from '../../src/options.ts';
import { defaultDataDir } from '../../src/platform/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const parse = (args: string[] = [], env: NodeJS.ProcessEnv = {}, cwd = folder) =>
  parseConfig(args, { env, cwd });

function refusal(args: string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    parse(args, env);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('It was accepted.');
}

describe('the embedding model of memory', () => {
  const key = 'sk-0123456789abcdef';

  test('is the one on this machine, one on an OpenAI-compatible server, or one of Bedrock', () => {
    expect(parse().embedding).toBeUndefined();
    const url = ['--embedding-url', 'http://127.0.0.1:11434/v1', '--embedding-name', 'bge-m3'];
    expect(parse(url, { AGENTCORE_MCP_EMBEDDING_API_KEY: key }).embedding).toEqual({
      provider: 'openai',
      url: 'http://127.0.0.1:11434/v1',
      model: 'bge-m3',
      apiKey: key,
    });
    const bedrock = ['--embedding-bedrock', '--embedding-name', 'cohere.embed-multilingual-v3'];
    expect(parse([...bedrock, '--region', 'eu-west-1', '--profile', 'work']).embedding).toEqual({
      provider: 'bedrock',
      model: 'cohere.embed-multilingual-v3',
      region: 'eu-west-1',
      profile: 'work',
    });
  });

  test('is one, and whole', () => {
    const url = ['--embedding-url', 'http://127.0.0.1:11434/v1'];
    expect(refusal(url)).toContain('--embedding-name');
    expect(refusal([...url, '--embedding-name', 'bge-m3', '--embedding-bedrock'])).toContain(
      'exclude each other',
    );
    expect(refusal(['--embedding-name', 'bge-m3'])).toContain('--embedding-url');
    expect(refusal(['--embedding-api-key', key])).toContain('AGENTCORE_MCP_EMBEDDING_API_KEY');
  });
});

describe('the model of agents', () => {
  const key = 'sk-0123456789abcdef';

  test('a server, Bedrock or a script', () => {
    expect(parse().model).toBeUndefined();
    const url = ['--model-url', 'http://127.0.0.1:11434/v1', '--model-name', 'qwen3'];
    expect(parse(url, { AGENTCORE_MCP_MODEL_API_KEY: key }).model).toEqual({
      provider: 'openai',
      url: 'http://127.0.0.1:11434/v1',
      model: 'qwen3',
      apiKey: key,
    });
    expect(parse(['--model-bedrock', '--profile', 'work']).model).toEqual({
      provider: 'bedrock',
      profile: 'work',
    });
    expect(parse(['--model-script', 'rules.json']).model).toEqual({
      provider: 'script',
      file: join(folder, 'rules.json'),
    });
  });

  test('only one, and a whole one', () => {
    expect(refusal(['--model-bedrock', '--model-script', 'rules.json'])).toContain('exclude each other');
    expect(refusal(['--model-name', 'qwen3'])).toContain('--model-url');
    expect(refusal(['--model-url', '127.0.0.1:11434'])).toContain('http://127.0.0.1:11434/v1');
    expect(refusal(['--model-api-key', key])).toContain('AGENTCORE_MCP_MODEL_API_KEY');
  });
});

test('hosts that agents may reach are looked at before anything starts', () => {
  expect(parse(['--agent-allow-hosts', '10.0.0.0/8,db.example']).agentAllowHosts).toEqual([
    '10.0.0.0/8',
    'db.example',
  ]);
  expect(refusal(['--agent-allow-hosts', '*'])).toMatch(/^--agent-allow-hosts: "\*" is not a host/);
});

describe('the table', () => {
  const options = optionsOf(configTable);

  test('every option has a flag, a variable of the same words, and one line of description', () => {
    for (const { key, flag, env, description, group } of options) {
      expect(flag.replaceAll('-', ''), key).toBe(key.toLowerCase());
      expect(env).toBe(`AGENTCORE_MCP_${flag.toUpperCase().replaceAll('-', '_')}`);
      expect(description.length, key).toBeGreaterThan(10);
      expect(description).not.toContain('\n');
      expect(group).not.toBe('');
    }
  });

  test('without flags and variables the defaults hold', () => {
    expect(parse()).toEqual({
      backend: 'local',
      account: '000000000000',
      dataDir: defaultDataDir({}),
      workspace: folder,
      engineIdle: 900,
      allowWrites: false,
      agentAllowHosts: [],
      strictRuntime: false,
      toolsets: [],
      tools: [],
      excludeTools: [],
      browserAllowHosts: [],
      browserBlockHosts: [],
      readOnly: false,
      maxResultTokens: 4000,
      waitSeconds: 45,
      transport: 'stdio',
      host: '127.0.0.1',
      port: 8620,
      allowedHosts: [],
      allowedOrigins: [],
      allowUnauthenticated: false,
      logLevel: 'info',
    });
  });
});

describe('where a value comes from', () => {
  test('a flag wins over its variable, and that over the default', () => {
    expect(parse([], { AGENTCORE_MCP_PORT: '1' }).port).toBe(1);
    expect(parse(['--port', '2'], { AGENTCORE_MCP_PORT: '1' }).port).toBe(2);
    expect(parse(['--port=3', '--port=4']).port).toBe(4);
  });

  test('an empty variable counts as unset', () => {
    expect(parse([], { AGENTCORE_MCP_PORT: '', AGENTCORE_MCP_READ_ONLY: '' })).toMatchObject({
      port: 8620,
      readOnly: false,
    });
  });

  test('a switch can be turned off again', () => {
    const env = { AGENTCORE_MCP_READ_ONLY: 'true' };
    expect(parse([], env).readOnly).toBe(true);
    expect(parse(['--no-read-only'], env).readOnly).toBe(false);
    expect(parse(['--read-only=false'], env).readOnly).toBe(false);
    expect(parse(['--read-only']).readOnly).toBe(true);
  });

  test('a list is separated by commas or repeated', () => {
    expect(parse(['--tools', 'a, b', '--tools=c']).tools).toEqual(['a', 'b', 'c']);
    expect(parse([], { AGENTCORE_MCP_TOOLSETS: 'code,api' }).toolsets).toEqual(['code', 'api']);
  });
});

describe('what is refused', () => {
  test.each([
    [['--backend', 'gcp'], '--backend: "gcp" is not allowed. Allowed: local, aws.'],
    [['--port', 'abc'], '--port: "abc" is not allowed. Allowed: a whole number from 0 to 65535.'],
    [['--port', '70000'], '--port: "70000" is not allowed. Allowed: a whole number from 0 to 65535.'],
    [['--port', '-1'], '--port: "-1" is not allowed. Allowed: a whole number from 0 to 65535.'],
    [
      ['--max-result-tokens', '20001'],
      '--max-result-tokens: "20001" is not allowed. Allowed: a whole number from 500 to 20000.',
    ],
    [
      ['--toolsets', 'code,foo'],
      '--toolsets: "foo" is not allowed. Allowed: core, code, browser, agents, memory, api.',
    ],
    [['--read-only=maybe'], '--read-only: "maybe" is not allowed. Allowed: true, false.'],
    [['--region', 'Frankfurt'], '--region: "Frankfurt" is not allowed. Allowed: a region such as us-east-1.'],
    [['--account', '12'], '--account: "12" is not allowed. Allowed: an account number of 12 digits.'],
    [['--runtime-arn', 'x'], '--runtime-arn: "x" is not allowed. Allowed: the ARN of an agent runtime.'],
    [['--port'], '--port needs a value.'],
    [['--port', '--read-only'], '--port needs a value.'],
    [['--prot', '1'], 'Unknown option --prot. Did you mean --port? --help lists the options.'],
    [
      ['--maxResultTokens', '1'],
      'Unknown option --maxResultTokens. Did you mean --max-result-tokens? --help lists the options.',
    ],
    [['--no-port'], 'Unknown option --no-port. Did you mean --port? --help lists the options.'],
    [['--zzzzzzzzzz'], 'Unknown option --zzzzzzzzzz. --help lists the options.'],
    [['-p', '1'], 'Unknown option -p. --help lists the options.'],
    [['serve'], 'Unexpected argument "serve". Options begin with --.'],
  ])('%j', (args, message) => expect(refusal(args)).toBe(message));

  test('several at once, each on its line and under the name the user wrote', () => {
    expect(refusal(['--backend=gcp'], { AGENTCORE_MCP_PORT: 'x' })).toBe(
      '--backend: "gcp" is not allowed. Allowed: local, aws.\n' +
        'AGENTCORE_MCP_PORT: "x" is not allowed. Allowed: a whole number from 0 to 65535.',
    );
  });
});

describe('the bearer token', () => {
  const token = 'abcdefgh-12345678';

  test('comes from the environment or a file, never from a flag', () => {
    const file = join(folder, 'token');
    writeFileSync(file, `${token}\n`);
    expect(parse([], { AGENTCORE_MCP_BEARER_TOKEN: token }).bearerToken).toBe(token);
    expect(parse(['--bearer-token-file', 'token']).bearerToken).toBe(token);
    expect(refusal(['--bearer-token', token])).toBe(
      '--bearer-token is a secret and not a flag. Set AGENTCORE_MCP_BEARER_TOKEN instead.',
    );
  });

  test('is never shown, also not when it is wrong', () => {
    const file = join(folder, 'short');
    writeFileSync(file, 'hunter2');
    expect(refusal([], { AGENTCORE_MCP_BEARER_TOKEN: 'hunter2' })).not.toContain('hunter2');
    expect(refusal(['--bearer-token-file', file])).not.toContain('hunter2');
    expect(refusal([`--bearer-token=${token}`])).not.toContain(token);
    expect(refusal(['--bearer-token-file', 'absent'])).toContain('absent cannot be read (ENOENT)');
  });
});

describe('folders', () => {
  test('are made absolute, from the folder of the call or the home', () => {
    expect(parse(['--data-dir', 'x', '--workspace', '~/y'])).toMatchObject({
      dataDir: join(folder, 'x'),
      workspace: join(homedir(), 'y'),
    });
  });

  test('without a project folder the workspace lies in the data directory', () => {
    for (const cwd of ['/', homedir(), join(folder, 'absent')]) {
      expect(parse(['--data-dir', folder], {}, cwd).workspace).toBe(join(folder, 'workspace'));
    }
  });
});

test('a configuration cannot be changed', () => {
  const config = parse(['--tools', 'a']);
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.tools)).toBe(true);
});

test('code comes from the S3 that a variable names, unless `env` has set it to the engine’s own', () => {
  const url = 'http://127.0.0.1:9000';
  expect(parse([], { AWS_ENDPOINT_URL_S3: url }).s3Url).toBe(url);
  const ofEnv = { AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: url };
  expect(parse([], ofEnv).s3Url).toBeUndefined();
  expect(parse([]).s3Url).toBeUndefined();
});
