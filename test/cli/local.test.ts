import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BedrockAgentCoreClient,
  StartCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findEngine } from '../../src/engine/process.ts';
import { inShell, ownCommand } from '../../src/platform/own-command.ts';
import { until } from '../support/engine.ts';
import { connect } from '../support/mcp-clients.ts';
import { pathWithoutBubblewrap, place, takenPort } from '../support/places.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { describeSandbox } from '../support/sandbox.ts';

const onLinux = process.platform === 'linux';

/** As Ctrl-C under npm: the terminal signals every process of the group, and a parent hands the signal on. */
async function interruptTwice(program: ChildProcess): Promise<void> {
  program.kill('SIGINT');
  await sleep(10);
  program.kill('SIGINT');
}

describe('call', () => {
  describeSandbox('with a sandbox', () => {
    test('runs a tool for real and prints its result as JSON', async () => {
      const { flags } = place();
      const code = "print('日本')\n6 * 7";
      const { code: exit, stdout } = await runProgram('cli.js', ['call', 'run_code', '-', ...flags], {
        input: JSON.stringify({ code }),
      });
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        exit_code: 0,
        stdout: expect.stringMatching(/日本\n.*42/s),
      });
    });
  });

  describeSandbox('with a sandbox', () => {
    test('waits for the end, whatever wait_seconds says, and says so', async () => {
      const args = { code: 'import time\ntime.sleep(3)\nprint("done")', wait_seconds: 1 };
      const { code, stdout, stderr } = await runProgram('cli.js', [
        ...['call', 'run_code', JSON.stringify(args)],
        ...place().flags,
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ exit_code: 0, stdout: 'done' });
      expect(stderr).toContain('wait_seconds is left out');
      expect(code).toBe(0);
    });

    test('says how to get more of a result that was cut', async () => {
      const code = 'for n in range(20000): print(n, "words")';
      const { stdout, stderr } = await runProgram('cli.js', [
        ...['call', 'run_code', JSON.stringify({ code })],
        ...place().flags,
      ]);
      expect(JSON.parse(stdout).omitted).toMatch(/of stdout/);
      expect(stderr).toMatch(/^Cut: \d+ of \d+ characters of stdout\. To get more: --max-result-tokens /m);
    });

    test('Ctrl-C cancels it, which it says in JSON, and its session has ended with it', async () => {
      const { dataDir, flags } = place();
      const code = 'import time\ntime.sleep(600)';
      const program = startProgram('cli.js', ['call', 'run_code', JSON.stringify({ code }), ...flags]);
      await until(async () => (await findEngine(dataDir))?.live === 1);
      const ended = once(program, 'close');
      const [result] = await Promise.all([json(program.stdout), interruptTwice(program)]);
      expect(result).toMatchObject({ code: 'Cancelled' });
      await ended;
      expect((await findEngine(dataDir))?.live).toBe(0);
    });
  });

  test('ends with 1 when the tool fails, and prints the failure as JSON', async () => {
    const { flags } = place();
    const { code, stdout } = await runProgram('cli.js', ['call', 'run_code', '{"cod": "1"}', ...flags]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'InvalidArgument',
      hint: expect.stringContaining('code'),
    });
  });
});

describe('env', () => {
  describeSandbox('with a sandbox', () => {
    test('its exports lead an SDK to the engine, whatever the shell had before', async () => {
      const { dataDir, flags } = place();
      const { code, stdout } = await runProgram('cli.js', ['env', '--account', '123456789012', ...flags]);
      expect(code).toBe(0);
      const before = {
        AWS_PROFILE: 'work',
        AWS_SESSION_TOKEN: 'old',
        AWS_REGION: 'eu-west-1',
        PATH: process.env.PATH,
      };
      const after = execFileSync('sh', ['-euc', 'eval "$1"; env', 'sh', stdout], {
        encoding: 'utf8',
        env: before,
      });
      const env = Object.fromEntries(after.split('\n').map((line) => line.split(/=(.*)/s)));
      expect(env).not.toHaveProperty('AWS_PROFILE');
      expect(env).not.toHaveProperty('AWS_SESSION_TOKEN');
      expect(env).toMatchObject({ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: '123456789012' });
      const endpoints = Object.entries(env).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL'));
      const url = (await findEngine(dataDir))?.url;
      const services = [
        'BEDROCK_AGENTCORE',
        'BEDROCK_AGENTCORE_CONTROL',
        'BEDROCK_RUNTIME',
        'CLOUDWATCH_LOGS',
        'S3',
        'SECRETS_MANAGER',
      ];
      expect(Object.fromEntries(endpoints)).toEqual(
        Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
      );
      const client = new BedrockAgentCoreClient({
        region: env.AWS_REGION,
        endpoint: env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE,
        credentials: {
          accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
          secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
        },
      });
      onTestFinished(() => client.destroy());
      const input = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
      expect((await client.send(new StartCodeInterpreterSessionCommand(input))).sessionId).toMatch(
        /^[0-9A-Za-z]+$/,
      );
    });
  });

  test('speaks fish and PowerShell, and keeps a proxy away from loopback', async () => {
    const { flags } = place();
    const [fish, powershell, proxied] = await Promise.all([
      runProgram('cli.js', ['env', '--shell', 'fish', ...flags]),
      runProgram('cli.js', ['env', '--shell=powershell', '--region=eu-central-1', ...flags]),
      runProgram('cli.js', ['env', ...flags], {
        env: { HTTP_PROXY: 'http://proxy:3128', no_proxy: 'example.com' },
      }),
    ]);
    for (const { code, stderr } of [fish, powershell, proxied])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(fish.stdout).toMatch(/^set -e AWS_PROFILE$/m);
    expect(fish.stdout).toMatch(/^set -gx AWS_REGION 'us-east-1'$/m);
    for (const { stdout } of [fish, powershell, proxied])
      expect(stdout).toMatch(
        /\n# The engine .* ends after 15 minutes .*\(--engine-idle\).*\n# .* other AWS services .*\n$/,
      );
    expect(powershell.stdout).toMatch(/^Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue$/m);
    expect(powershell.stdout).toMatch(/^\$env:AWS_REGION = 'eu-central-1'$/m);
    expect(fish.stdout).not.toContain('PROXY');
    expect(proxied.stdout).toContain(`export no_proxy='example.com,127.0.0.1'`);
  });
});

test('engine runs in the foreground, says in JSON when it is ready, and leaves nothing behind', async () => {
  const engine = startProgram('cli.js', ['engine', '--ephemeral', '--port', '0']);
  const [line] = await once(createInterface({ input: engine.stdout }), 'line');
  const ready = JSON.parse(line);
  expect(ready).toMatchObject({ ready: true, auth: 'sigv4', pid: engine.pid });
  expect((await fetch(ready.url)).status).toBeGreaterThanOrEqual(400);
  expect((await findEngine(ready.dataDir))?.url).toBe(ready.url);
  engine.kill('SIGTERM');
  expect(await once(engine, 'close')).toEqual([0, null]);
  expect(existsSync(ready.dataDir)).toBe(false);
});

test('Ctrl-C under npm, which arrives twice, lets the engine clean up', async () => {
  const engine = startProgram('cli.js', ['engine', '--ephemeral', '--port', '0']);
  const [line] = await once(createInterface({ input: engine.stdout }), 'line');
  await Promise.all([once(engine, 'close'), interruptTwice(engine)]);
  expect(existsSync(JSON.parse(line).dataDir)).toBe(false);
});

test('engine --stop ends the one that runs, which a second one names', async () => {
  const { dataDir, flags } = place();
  const stop = (...more: string[]) => runProgram('cli.js', ['engine', '--stop', ...more, ...flags]);
  expect(await stop()).toMatchObject({ code: 0, stderr: `No engine is running for ${dataDir}.\n` });
  const engine = startProgram('cli.js', ['engine', '--port', '0', ...flags]);
  const [line] = await once(createInterface({ input: engine.stdout }), 'line');
  const { url, pid } = JSON.parse(line);

  const second = await runProgram('cli.js', ['engine', ...flags]);
  expect(second.code).toBe(75);
  const command = ownCommand(`engine --stop --data-dir ${inShell(dataDir)}`);
  expect(second.stderr).toContain(`It is process ${pid} at ${url}. To stop it: ${command}\n`);

  const ended = once(engine, 'close');
  const { code, stderr } = await stop('--if-idle');
  expect(stderr).toBe(`The engine of ${dataDir} (pid ${pid}) was stopped; it had no session.\n`);
  expect(code).toBe(0);
  expect(await ended).toEqual([0, null]);
});

describeSandbox('with a sandbox', () => {
  test('engine --stop --if-idle spares an engine that is used; without it, the sessions end', async () => {
    const { dataDir, flags } = place();
    await runProgram('cli.js', ['call', 'run_code', '{"code": "1", "session": "kept"}', ...flags]);
    const stop = (...more: string[]) => runProgram('cli.js', ['engine', '--stop', ...more, ...flags]);
    const spared = await stop('--if-idle');
    expect(spared).toMatchObject({ code: 1, stderr: expect.stringContaining('goes on: it has 1 session') });
    const stopped = await stop();
    expect(stopped).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('was stopped; it had 1 session'),
    });
    expect(await findEngine(dataDir)).toBeUndefined();
  });
});

describe('serve --transport http', () => {
  test('makes a token only its owner can read, keeps it, and does not show it', async () => {
    const { dataDir, flags } = place();
    const serve = async () => {
      const server = startProgram('cli.js', ['--transport', 'http', '--port', '0', ...flags]);
      const [line] = await once(createInterface({ input: server.stderr }), 'line');
      return { server, line: String(line), url: /http:\S+\/mcp/.exec(line)?.[0] ?? '' };
    };
    const first = await serve();
    const file = join(dataDir, 'http.token');
    const token = readFileSync(file, 'utf8').trim();
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(first.line).toContain(file);
    expect(first.line).not.toContain(token);
    const client = await connect('2.x modern', { url: first.url, token });
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('run_code');
    expect((await fetch(first.url, { method: 'POST', body: '{}' })).status).toBe(401);

    const second = await serve();
    expect(readFileSync(file, 'utf8').trim()).toBe(token);
    for (const { server } of [first, second]) {
      server.kill('SIGTERM');
      expect(await once(server, 'close')).toEqual([0, null]);
    }
  });

  test('a taken port is named', async () => {
    const { flags } = place();
    const port = await takenPort();
    const { code, stderr } = await runProgram('cli.js', ['--transport', 'http', '--port', port, ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `Cannot listen on 127.0.0.1 port ${port}: it is in use; choose another with --port.`,
    );
  });
});

describe('doctor', () => {
  describeSandbox('with a sandbox', () => {
    test('finds everything in order here', async () => {
      const { dataDir, flags } = place();
      const { code, stdout } = await runProgram('cli.js', ['doctor', ...flags]);
      expect(await findEngine(dataDir)).toBeUndefined();
      expect(stdout).toMatch(/^ok {3}Local engine: starts when it is needed/m);
      expect(stdout).toMatch(/^ok {3}Code sessions: bubblewrap, with IPython, numpy, pandas, matplotlib$/m);
      expect(stdout).toMatch(/^ok {3}Memory search: Universal Sentence Encoder/m);
      expect(stdout).toMatch(/\nEverything works\.\n$/);
      expect(code).toBe(0);
    });
  });

  test.runIf(onLinux)('names what is off, with its cure, and fails', async () => {
    const { dir, flags } = place();
    const script = join(dir, 'rules.json');
    writeFileSync(script, '{"rules": [{"when": {"promt": "x"}, "text": "y"}]}');
    const { code, stdout } = await runProgram('cli.js', ['doctor', '--model-script', script, ...flags], {
      env: { PATH: pathWithoutBubblewrap(dir) },
    });
    expect(stdout).toMatch(/^OFF {2}Model of agents: .*rules\[0\]\.when.*"promt"/m);
    expect(stdout).toMatch(
      /^OFF {2}Code sessions: bubblewrap \(bwrap\) is not installed\n {5}Run this in a terminal: .+ setup$/m,
    );
    expect(stdout).toMatch(/\n3 of 8 are off\.\n$/);
    expect(code).toBe(1);
  });

  test('a model whose server is not there and a workspace that is a file are off', async () => {
    const { dir, flags } = place();
    writeFileSync(join(dir, 'files'), '');
    const url = 'http://127.0.0.1:9/v1';
    const { code, stdout } = await runProgram('cli.js', ['doctor', '--model-url', url, ...flags]);
    expect(stdout).toMatch(
      /^OFF {2}Model of agents: no server lists its models at http:\/\/127\.0\.0\.1:9\/v1$/m,
    );
    expect(stdout).toMatch(
      /^OFF {2}Workspace: .+ is a file, not a folder\n {5}Choose another .+--workspace\.$/m,
    );
    expect(code).toBe(1);
  });

  test('missing AWS credentials are one of the things', async () => {
    const { flags, dir } = place();
    const { code, stdout } = await runProgram('cli.js', ['doctor', '--backend', 'aws', ...flags], {
      env: { HOME: dir, AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    expect(stdout).toMatch(/^OFF {2}AWS credentials: .+\n {5}.+$/m);
    expect(code).toBe(1);
  });
});
