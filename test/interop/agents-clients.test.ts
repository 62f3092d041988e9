import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  InvokeAgentRuntimeCommandCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  CreateAgentRuntimeEndpointCommand,
  DeleteAgentRuntimeCommand,
  DeleteAgentRuntimeEndpointCommand,
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  UpdateAgentRuntimeCommand,
  UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { stopEngine } from '../../src/engine/process.ts';
import { zipOf } from '../engine/services/runtime/control-zips.ts';
import { cli, clientConfig, sessionId } from '../support/agents.ts';
import { ensured, runs, until } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

const DEADLINE_MS = 90_000;
const source = readFileSync(join(import.meta.dirname, 'agents_versioned.py'), 'utf8');
const settings = {
  roleArn: 'arn:aws:iam::000000000000:role/agent',
  networkConfiguration: { networkMode: 'PUBLIC' as const },
  environmentVariables: { GREETING: 'hello' },
};

/** What every client must have seen of the agent's life. */
const life = {
  created: ['CREATING', '1', 'READY'],
  streamed: ['text/event-stream', ['data: 0', 'data: 1', 'data: 2']],
  sameSession: true,
  answer: true,
  command: ['one\n', 'hello\n', { exitCode: 3, status: 'COMPLETED' }],
  updated: '2',
  versions: { DEFAULT: '2', prod: '1' },
  running: ['one', 'two'],
  rolledTo2: ['2', '2'],
  rolledTo1: ['1', '1'],
  stopped: 200,
  stoppedAgain: ['ResourceNotFoundException', 404],
  revived: ['2', ['three']],
  logged: ['asked one', 'asked two', 'asked three'],
  withoutEndpoint: ['ResourceNotFoundException', 404],
  deleting: 'DELETING',
  deleted: ['ResourceNotFoundException', 404],
};

async function codeOf(work: Promise<unknown>) {
  return work.then(
    () => 'accepted',
    ({ name, $metadata }) => [name, $metadata?.httpStatusCode],
  );
}

/** The official clients of an engine, and what takes several calls. */
function clients(engine: Parameters<typeof clientConfig>[0]) {
  const config = clientConfig(engine);
  const made = {
    s3: new S3Client(config),
    control: new BedrockAgentCoreControlClient(config),
    data: new BedrockAgentCoreClient(config),
    logs: new CloudWatchLogsClient(config),
  };
  onTestFinished(() => {
    for (const client of Object.values(made)) client.destroy();
  });
  const { s3, control, data } = made;
  const invoke = (agentRuntimeArn: string, runtimeSessionId: string, payload: object, qualifier?: string) =>
    data.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn,
        runtimeSessionId,
        qualifier,
        payload: JSON.stringify(payload),
      }),
    );
  return {
    ...made,
    invoke,
    /** Uploads a version of the agent. @returns what to create or update a runtime with. */
    async upload(version: string) {
      const Key = `agent-${version}.zip`;
      const Body = await zipOf({ 'main.py': source.replace('VERSION = None', `VERSION = "${version}"`) });
      await s3.send(new PutObjectCommand({ Bucket: 'agents-of-js', Key, Body }));
      return {
        codeConfiguration: {
          code: { s3: { bucket: 'agents-of-js', prefix: Key } },
          runtime: 'PYTHON_3_12' as const,
          entryPoint: ['main.py'],
        },
      };
    },
    settled: (agentRuntimeId: string | undefined) =>
      until(async () => {
        const got = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
        return got.status?.endsWith('ING') ? undefined : got;
      }),
    settledEndpoint: (agentRuntimeId: string | undefined, endpointName: string) =>
      until(async () => {
        const got = await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }));
        return got.status?.endsWith('ING') ? undefined : got;
      }),
    async ask(arn: string, session: string, prompt: string, qualifier?: string) {
      const { response } = await invoke(arn, session, { prompt }, qualifier);
      return JSON.parse((await response?.transformToString()) ?? '');
    },
    /** What a command in a session prints, and how it ends. */
    async command(agentRuntimeArn: string, runtimeSessionId: string, command: string) {
      const { stream = [] } = await data.send(
        new InvokeAgentRuntimeCommandCommand({ agentRuntimeArn, runtimeSessionId, body: { command } }),
      );
      let [stdout, stderr] = ['', ''];
      let end: unknown;
      for await (const { chunk } of stream as AsyncIterable<{ chunk?: Chunk }>) {
        stdout += chunk?.contentDelta?.stdout ?? '';
        stderr += chunk?.contentDelta?.stderr ?? '';
        end = chunk?.contentStop ?? end;
      }
      return [stdout, stderr, end];
    },
  };
}

interface Chunk {
  contentDelta?: { stdout?: string; stderr?: string };
  contentStop?: object;
}

/** The same life as that of agents_boto3.py. */
async function lifeInJavaScript(engine: Parameters<typeof clientConfig>[0]) {
  const { s3, control, data, logs, ...to } = clients(engine);
  await s3.send(new CreateBucketCommand({ Bucket: 'agents-of-js' }));
  const created = await control.send(
    new CreateAgentRuntimeCommand({
      agentRuntimeName: 'versioned',
      agentRuntimeArtifact: await to.upload('1'),
      ...settings,
    }),
  );
  const { agentRuntimeArn: arn = '', agentRuntimeId } = created;
  const seen: Record<string, unknown> = {};
  const { status } = await to.settled(agentRuntimeId);
  seen.created = [created.status, created.agentRuntimeVersion, status];

  const session = randomUUID();
  const streamed = await to.invoke(arn, session, { stream: 3 });
  const events = ((await streamed.response?.transformToString()) ?? '').split('\n').filter(Boolean);
  seen.streamed = [streamed.contentType, events];
  seen.sameSession = streamed.runtimeSessionId === session;
  const { version, prompts, greeting, session: told } = await to.ask(arn, session, 'one');
  seen.answer = version === '1' && prompts[0] === 'one' && greeting === 'hello' && told === session;
  seen.command = await to.command(arn, session, 'cat /tmp/prompts; echo $GREETING >&2; exit 3');

  const second = { agentRuntimeId, agentRuntimeArtifact: await to.upload('2'), ...settings };
  await control.send(new UpdateAgentRuntimeCommand(second));
  seen.updated = (await to.settled(agentRuntimeId)).agentRuntimeVersion;
  const endpoint = { agentRuntimeId, endpointName: 'prod' };
  await control.send(
    new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'prod', agentRuntimeVersion: '1' }),
  );
  await to.settledEndpoint(agentRuntimeId, 'prod');
  const versionOf = async (qualifier?: string) =>
    (await to.ask(arn, randomUUID(), 'which', qualifier)).version;
  seen.versions = { DEFAULT: await versionOf(), prod: await versionOf('prod') };
  seen.running = (await to.ask(arn, session, 'two')).prompts;
  for (const agentRuntimeVersion of ['2', '1']) {
    await control.send(new UpdateAgentRuntimeEndpointCommand({ ...endpoint, agentRuntimeVersion }));
    const { liveVersion } = await to.settledEndpoint(agentRuntimeId, 'prod');
    seen[`rolledTo${agentRuntimeVersion}`] = [liveVersion, await versionOf('prod')];
  }

  const stop = () =>
    data.send(new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId: session }));
  seen.stopped = (await stop()).statusCode;
  seen.stoppedAgain = await codeOf(stop());
  const revived = await to.ask(arn, session, 'three');
  seen.revived = [revived.version, revived.prompts];

  const logged: unknown[] = [];
  const search = {
    logGroupName: `/aws/bedrock-agentcore/runtimes/${agentRuntimeId}-DEFAULT`,
    filterPattern: '"asked"',
  };
  for await (const { events: found = [] } of paginateFilterLogEvents({ client: logs }, search))
    logged.push(
      ...found.filter(({ logStreamName }) => logStreamName?.includes(session)).map(({ message }) => message),
    );
  seen.logged = logged;

  await control.send(new DeleteAgentRuntimeEndpointCommand(endpoint));
  await until(
    async () => (await codeOf(control.send(new GetAgentRuntimeEndpointCommand(endpoint)))) !== 'accepted',
  );
  seen.withoutEndpoint = await codeOf(versionOf('prod'));
  seen.deleting = (await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }))).status;
  await until(
    async () => (await codeOf(control.send(new GetAgentRuntimeCommand({ agentRuntimeId })))) !== 'accepted',
  );
  seen.deleted = await codeOf(versionOf());
  return seen;
}

describeSandbox('the life of an agent', () => {
  test('with boto3, told by `agentcore-mcp env` alone where to go', { timeout: DEADLINE_MS }, async () => {
    const dataDir = temporaryDir();
    await ensured(dataDir);
    const lines = ['exports=$("$1" "$2" env --data-dir "$3")', 'eval "$exports"', 'exec "$4" "$5"'];
    const script = join(import.meta.dirname, 'agents_boto3.py');
    const args = [process.execPath, cli, dataDir, interopPython, script];
    const { stdout } = await promisify(execFile)('sh', ['-euc', lines.join('\n'), 'sh', ...args], {
      env: { PATH: process.env.PATH, HOME: temporaryDir('home') },
      timeout: DEADLINE_MS,
    });
    expect(JSON.parse(stdout)).toEqual(life);
  });

  test('with the AWS SDK for JavaScript', { timeout: DEADLINE_MS }, async () => {
    expect(await lifeInJavaScript(await ensured(temporaryDir()))).toEqual(life);
  });
});

describeSandbox('sessions of one agent', () => {
  test('ten at once share nothing', { timeout: DEADLINE_MS }, async () => {
    const { s3, control, ...to } = clients(await ensured(temporaryDir()));
    await s3.send(new CreateBucketCommand({ Bucket: 'agents-of-js' }));
    const artifact = await to.upload('1');
    const { agentRuntimeArn = '', agentRuntimeId } = await control.send(
      new CreateAgentRuntimeCommand({
        agentRuntimeName: 'ten',
        agentRuntimeArtifact: artifact,
        filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/kept' } }],
        ...settings,
      }),
    );
    await to.settled(agentRuntimeId);
    const sessions = Array.from({ length: 10 }, (_, index) => sessionId(`of-${index}`));
    await Promise.all(
      sessions.map(async (session) => {
        for (const word of ['first', 'second'])
          await to.ask(agentRuntimeArn, session, `${word} of ${session}`);
        await to.command(agentRuntimeArn, session, `echo ${session} > /mnt/kept/own`);
      }),
    );
    const seen = await Promise.all(
      sessions.map(async (session) => ({
        ...(await to.ask(agentRuntimeArn, session, 'third')),
        files: await to.command(agentRuntimeArn, session, 'cat /tmp/prompts /mnt/kept/*; ls /tmp /mnt/kept'),
        processes: await to.command(
          agentRuntimeArn,
          session,
          'cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c main.py',
        ),
      })),
    );
    for (const [index, session] of sessions.entries()) {
      const prompts = [`first of ${session}`, `second of ${session}`, 'third'];
      expect(seen[index]).toMatchObject({ version: '1', session, prompts });
      expect(seen[index]?.files).toEqual([
        [...prompts, session, '/mnt/kept:', 'own', '', '/tmp:', 'prompts', ''].join('\n'),
        '',
        { exitCode: 0, status: 'COMPLETED' },
      ]);
      expect(seen[index]?.processes[0]).toBe('1\n');
    }
  });

  test('outlive a killed engine in everything that lasts, and leave nothing running', {
    timeout: DEADLINE_MS,
  }, async () => {
    const dataDir = temporaryDir();
    const scratch = temporaryDir('tmp');
    vi.stubEnv('TMPDIR', scratch);
    onTestFinished(() => void vi.unstubAllEnvs());
    const first = await ensured(dataDir);
    const before = clients(first);
    await before.s3.send(new CreateBucketCommand({ Bucket: 'agents-of-js' }));
    const artifact = await before.upload('1');
    const { agentRuntimeArn = '', agentRuntimeId } = await before.control.send(
      new CreateAgentRuntimeCommand({
        agentRuntimeName: 'killed',
        agentRuntimeArtifact: artifact,
        filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/kept' } }],
        ...settings,
      }),
    );
    await before.settled(agentRuntimeId);
    await before.control.send(
      new UpdateAgentRuntimeCommand({
        agentRuntimeId,
        agentRuntimeArtifact: await before.upload('2'),
        filesystemConfigurations: [{ sessionStorage: { mountPath: '/mnt/kept' } }],
        ...settings,
      }),
    );
    await before.settled(agentRuntimeId);
    await before.control.send(
      new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'prod', agentRuntimeVersion: '1' }),
    );
    await before.settledEndpoint(agentRuntimeId, 'prod');
    const sessions = Array.from({ length: 3 }, () => sessionId('killed'));
    await Promise.all(
      sessions.map(async (session) => {
        await before.ask(agentRuntimeArn, session, `of ${session}`);
        await before.command(agentRuntimeArn, session, `echo ${session} > /mnt/kept/own; (sleep 4242 &)`);
      }),
    );
    const inside = descendantsOf(first.pid);
    expect(inside.length).toBeGreaterThanOrEqual(sessions.length);
    const { response } = await before.invoke(agentRuntimeArn, sessions[0] ?? '', { stream: 100_000 });
    const reading = response?.transformToString();
    // Logs are written a moment after they were printed.
    await sleep(1_000);
    process.kill(first.pid, 'SIGKILL');
    await expect(reading).rejects.toThrow();
    await until(() => !inside.some(runs));

    const second = await ensured(dataDir);
    expect(second.generation).not.toBe(first.generation);
    const after = clients(second);
    const { agentRuntimeVersion, status } = await after.settled(agentRuntimeId);
    expect([agentRuntimeVersion, status]).toEqual(['2', 'READY']);
    for (const session of sessions) {
      const asked = await after.ask(agentRuntimeArn, session, 'again');
      expect(asked).toMatchObject({ version: '2', prompts: ['again'] });
      expect(await after.command(agentRuntimeArn, session, 'cat /mnt/kept/own')).toMatchObject([
        `${session}\n`,
        '',
        {},
      ]);
    }
    expect((await after.ask(agentRuntimeArn, sessionId('killed'), 'hi', 'prod')).version).toBe('1');
    const pages = paginateFilterLogEvents(
      { client: after.logs },
      {
        logGroupName: `/aws/bedrock-agentcore/runtimes/${agentRuntimeId}-DEFAULT`,
        filterPattern: '"asked of"',
      },
    );
    const logged: (string | undefined)[] = [];
    for await (const { events = [] } of pages) logged.push(...events.map(({ message }) => message));
    expect(logged.toSorted()).toEqual(sessions.map((session) => `asked of ${session}`).toSorted());
    await stopEngine(dataDir);
    expect(readdirSync(scratch)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(scratch);
  });
});

/** The ids of all processes that a process started, and that these did. */
function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    try {
      const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
      if (parent) parents.set(Number(name), Number(parent));
    } catch {
      // No process, or not any more.
    }
  }
  const isBelow = (each: number | undefined): boolean =>
    each !== undefined && (each === pid || isBelow(parents.get(each)));
  return [...parents.keys()].filter((each) => each !== pid && isBelow(each));
}
