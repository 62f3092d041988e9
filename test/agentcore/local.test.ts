import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  GetCodeInterpreterSessionCommand,
  StartCodeInterpreterSessionCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { ListCodeInterpretersCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, onTestFinished, test } from 'vitest';
import { createAgentCore } from '../../src/agentcore/agentcore.ts';
import { explain } from '../../src/agentcore/errors.ts';
import { parseConfig } from '../../src/config.ts';
import { findEngine, stopEngine } from '../../src/engine/process.ts';
import { ownCommand } from '../../src/platform/own-command.ts';
import { testSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

const run = promisify(execFile);
const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const list = new ListCodeInterpretersCommand({});

function dataDirWithEngine(): string {
  const dir = temporaryDir();
  onTestFinished(() => stopEngine(dir).then(() => {}));
  return dir;
}

const local = (dataDir: string, ...flags: string[]) =>
  createAgentCore(parseConfig(['--data-dir', dataDir, '--engine-idle', '60', ...flags]));

testSandbox('an engine with other settings is replaced by the first call that finds it unused', async () => {
  const dataDir = dataDirWithEngine();
  const interpreter = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
  const first = await local(dataDir).data();
  const { sessionId } = await first.send(new StartCodeInterpreterSessionCommand(interpreter));
  const before = await findEngine(dataDir);

  const second = await local(dataDir, '--agent-allow-hosts', 'db.example').control();
  await second.send(list);
  expect((await findEngine(dataDir))?.pid).toBe(before?.pid);
  await first.send(new StopCodeInterpreterSessionCommand({ ...interpreter, sessionId }));
  await second.send(list);
  expect((await findEngine(dataDir))?.pid).not.toBe(before?.pid);
});

test('making it touches nothing and loads no AWS SDK; the first call starts the engine', async () => {
  const dataDir = join(dataDirWithEngine(), 'not made yet');
  const script = `
    import { registerHooks } from 'node:module';
    import { existsSync } from 'node:fs';
    const loaded = [];
    registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context); } });
    const { createAgentCore } = await import(${JSON.stringify(source('agentcore/agentcore.ts'))});
    const { parseConfig } = await import(${JSON.stringify(source('config.ts'))});
    const agentcore = createAgentCore(parseConfig(['--data-dir', ${JSON.stringify(dataDir)}]));
    console.log(JSON.stringify({
      sdk: loaded.filter((name) => /^@(aws-sdk|smithy)/.test(name)),
      made: existsSync(${JSON.stringify(dataDir)}),
      origin: await agentcore.origin(),
    }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual({
    sdk: [],
    made: false,
    origin: { backend: 'local', account: '000000000000', region: 'us-east-1' },
  });

  const client = await local(dataDir).control();
  expect(existsSync(dataDir)).toBe(false);
  const { codeInterpreterSummaries } = await client.send(list);
  expect(codeInterpreterSummaries?.map(({ codeInterpreterId }) => codeInterpreterId)).toContain(
    'aws.codeinterpreter.v1',
  );
  expect(await findEngine(dataDir)).toBeDefined();
  await stopEngine(dataDir);
});

test('nothing in the environment or in AWS files leads a call elsewhere, and stdout stays clean', async () => {
  const dataDir = dataDirWithEngine();
  const config = join(temporaryDir(), 'config');
  writeFileSync(
    config,
    '[default]\nendpoint_url = http://127.0.0.1:1\nuse_fips_endpoint = true\nretry_mode = nonsense\n[profile other]\nregion = eu-north-1\naws_access_key_id = AKIAPROFILEPROFILE00\naws_secret_access_key = x\nservices = missing\n',
  );
  const hostile = {
    AWS_PROFILE: 'other',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLEEXAMPLE00',
    AWS_SECRET_ACCESS_KEY: 'wrong',
    AWS_SESSION_TOKEN: 'wrong',
    AWS_REGION: 'eu-west-3',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: 'http://127.0.0.1:1',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_RETRY_MODE: 'nonsense',
    AWS_MAX_ATTEMPTS: 'nonsense',
    AWS_DEFAULTS_MODE: 'nonsense',
    AWS_AUTH_SCHEME_PREFERENCE: 'httpBearerAuth',
    AWS_BEARER_TOKEN_BEDROCK_AGENTCORE: 'wrong',
    AWS_SDK_UA_APP_ID: 'x'.repeat(200),
    AWS_CONFIG_FILE: config,
    NODE_USE_ENV_PROXY: '1',
    HTTP_PROXY: 'http://127.0.0.1:1',
  };
  const script = `
    const { createAgentCore } = await import(${JSON.stringify(source('agentcore/agentcore.ts'))});
    const { parseConfig } = await import(${JSON.stringify(source('config.ts'))});
    const { ListCodeInterpreterSessionsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const { ListCodeInterpretersCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
    const agentcore = createAgentCore(parseConfig(['--data-dir', ${JSON.stringify(dataDir)}, '--account', '123456789012']));
    const sessions = await (await agentcore.data()).send(
      new ListCodeInterpreterSessionsCommand({ codeInterpreterIdentifier: 'aws.codeinterpreter.v1' }),
    );
    const { codeInterpreterSummaries: [system] } = await (await agentcore.control('eu-west-1')).send(new ListCodeInterpretersCommand({}));
    console.log(JSON.stringify({ items: sessions.items, arn: system.codeInterpreterArn, origin: await agentcore.origin() }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, ...hostile },
  });
  expect(JSON.parse(stdout)).toEqual({
    items: [],
    arn: 'arn:aws:bedrock-agentcore:eu-west-1:aws:code-interpreter/aws.codeinterpreter.v1',
    origin: { backend: 'local', account: '123456789012', region: 'us-east-1' },
  });
});

test('an engine that went away is started again by the next call, for all who ask at once', async () => {
  const dataDir = dataDirWithEngine();
  const agentcore = local(dataDir);
  const client = await agentcore.control();
  await client.send(list);
  const first = await findEngine(dataDir);
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await expect.poll(() => findEngine(dataDir), { timeout: 10_000 }).toBeUndefined();
  const answers = await Promise.all(Array.from({ length: 5 }, () => client.send(list)));
  expect(answers).toHaveLength(5);
  const second = await findEngine(dataDir);
  expect(second?.generation).not.toBe(first?.generation);
});

test('an engine with other settings than ours is noticed; looking starts none', async () => {
  const dataDir = dataDirWithEngine();
  const plain = local(dataDir);
  const other = local(dataDir, '--model-url', 'http://127.0.0.1:1/v1');
  expect(await other.notice?.()).toBeUndefined();
  expect(await findEngine(dataDir)).toBeUndefined();
  await (await plain.control()).send(list);
  expect(await plain.notice?.()).toBeUndefined();
  expect(await other.notice?.()).toMatch(/was started with other settings for models or agents/);
});

test('an engine that cannot start says why, and what to do', async () => {
  const file = join(temporaryDir(), 'a file');
  writeFileSync(file, '');
  const client = await local(join(file, 'data')).control();
  const error = await client.send(list).catch((thrown: unknown) => thrown);
  const { details } = explain(error, { backend: 'local' });
  expect(details.code).toBe('EngineNotStarted');
  expect(details.message).toContain('a file');
  expect(details.hint).toContain(ownCommand('doctor'));
});

test('what the engine cannot do yet is said in one line; what is missing is found in its list', async () => {
  const agentcore = local(dataDirWithEngine());
  const { ListGatewaysCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const unknown = await (await agentcore.control())
    .send(new ListGatewaysCommand({}))
    .catch((thrown: unknown) => thrown);
  expect(explain(unknown, agentcore).details).toMatchObject({
    code: 'NotOnThisBackend',
    hint: expect.stringContaining('--backend aws'),
    retryable: false,
  });
  const get = new GetCodeInterpreterSessionCommand({
    codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
    sessionId: '01K2SESSION0000000000000000',
  });
  const missing = await (await agentcore.data()).send(get).catch((thrown: unknown) => thrown);
  expect(explain(missing, agentcore).details).toMatchObject({
    code: 'ResourceNotFound',
    hint: expect.stringContaining('read_aws_api with operation ListCodeInterpreterSessions'),
  });
});
