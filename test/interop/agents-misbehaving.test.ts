import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeAgentRuntimeCommandCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import {
  AGENT_MS,
  clientConfig,
  DEPLOY_MS,
  type Deployed,
  examples,
  sessionId,
  useExamples,
} from '../support/agents.ts';
import { until } from '../support/engine.ts';
import { describeSandbox } from '../support/sandbox.ts';

vi.setConfig({ testTimeout: AGENT_MS });

const MB = 1024 ** 2;
/** Told to an agent to tell its processes from all others of this machine. */
const mark = `agent-of-test-${process.pid}`;

/** The processes of this machine that have a text in their environment. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

/** The most memory that a process ever had, in bytes. */
function peakMemory(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

describeSandbox('agents that misbehave', () => {
  const agents = useExamples();
  let [crashing, silent, talkative, daemonising, nosy]: Deployed[] = [];

  beforeAll(async () => {
    const names = ['crashing', 'silent', 'talkative', 'daemonising', 'nosy'];
    [crashing, silent, talkative, daemonising, nosy] = await Promise.all(
      names.map((name) => agents.deploy(`misbehaving/${name}`, { env: [`MARK=${mark}-${name}`] })),
    );
  }, DEPLOY_MS);

  async function messagesOf({ arn }: Deployed, filterPattern: string): Promise<string[]> {
    const client = new CloudWatchLogsClient(clientConfig(agents.engine));
    onTestFinished(() => client.destroy());
    const logGroupName = `/aws/bedrock-agentcore/runtimes/${arn.split('/').at(-1)}-DEFAULT`;
    const found: string[] = [];
    const pages = paginateFilterLogEvents({ client }, { logGroupName, filterPattern });
    try {
      for await (const { events = [] } of pages) found.push(...events.map(({ message = '' }) => message));
    } catch (error) {
      // The group comes with the first line.
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    }
    return found;
  }

  test('crashing at import: the call and the log name the missing module', async () => {
    await expect(agents.ask(crashing as Deployed, sessionId(), {})).rejects.toMatchObject({
      name: 'RuntimeClientError',
      message: expect.stringContaining("ModuleNotFoundError: No module named 'a_package_that_is_not_there'"),
    });
    const asked = await agents.tool('invoke_agent_runtime', { agent: 'misbehaving_crashing', prompt: 'hi' });
    expect(asked).toMatchObject({ isError: true, code: 'RuntimeClientError' });
    expect(JSON.stringify(asked)).toContain("No module named 'a_package_that_is_not_there'");
    const { errors } = await agents.tool('get_logs', { agent: 'misbehaving_crashing' });
    expect((errors as string[]).join()).toMatch(
      /\(2 times\) Traceback .*\n.*main\.py.*\n.*\n.*a_package_that_is_not_there/s,
    );
    expect(processesWith(`${mark}-crashing`)).toEqual([]);
  });

  test('silent: who asks can go away, and the session can be stopped', async () => {
    const session = sessionId();
    const leaving = new AbortController();
    const asking = agents.invoke(silent as Deployed, { runtimeSessionId: session }, leaving.signal);
    asking.catch(() => {});
    const others = agents.ask(silent as Deployed, session, {});
    others.catch(() => {});
    // Python's threads may print both into one line.
    const timesAsked = async () =>
      (await messagesOf(silent as Deployed, '"asked"')).join('\n').match(/asked/g)?.length;
    await until(async () => (await timesAsked()) === 2);
    leaving.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
    await agents.stop(silent as Deployed, session);
    await expect(others).rejects.toMatchObject({
      name: 'RuntimeClientError',
      message: expect.stringContaining('it was stopped'),
    });
    await expect(agents.stop(silent as Deployed, session)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(processesWith(`${mark}-silent`)).toEqual([]);
  });

  test('talkative: two gigabytes cost neither memory nor disk, and the log says what it left out', async () => {
    const session = sessionId();
    const before = peakMemory(agents.engine.pid);
    expect(await agents.ask(talkative as Deployed, session, {})).toEqual({ answer: 'printed' });
    expect(peakMemory(agents.engine.pid) - before).toBeLessThan(200 * MB);
    await agents.stop(talkative as Deployed, session);
    const { lines } = await agents.tool('get_logs', { agent: 'misbehaving_talkative', session });
    expect(lines).toMatch(/\[agentcore\] dropped \d+ bytes of stdout: it printed more than is kept/);
    const dropped = (await messagesOf(talkative as Deployed, '"dropped"')).map((message) =>
      Number(/dropped (\d+) bytes of stdout/.exec(message)?.[1]),
    );
    const kept = bytesBelow(join(agents.dataDir, 'logs'));
    expect(kept).toBeLessThan(100 * MB);
    expect(dropped.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(2 * 1024 * MB - kept);
  });

  test('daemonising: it is served, and with the session all of its processes end', async () => {
    const session = sessionId();
    expect(await agents.ask(daemonising as Deployed, session, {})).toEqual({ answer: 'still here' });
    await sleep(3_000);
    expect(await agents.ask(daemonising as Deployed, session, {})).toEqual({ answer: 'still here' });
    // A program that has just been started does not show its environment yet.
    await until(() => processesWith(`${mark}-daemonising`).length >= 3);
    await agents.stop(daemonising as Deployed, session);
    expect(processesWith(`${mark}-daemonising`)).toEqual([]);
  });

  test('nosy: it finds nothing of this machine, of the engine or of another session', async () => {
    const listener = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
    onTestFinished(() => void listener.close());
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const host = Object.values(networkInterfaces())
      .flat()
      .find((each) => each && !each.internal && each.family === 'IPv4');
    // Inside, this port of 127.0.0.1 is the engine's door, but no other address of this machine leads to the engine.
    const enginePort = new URL(agents.engine.url).port;
    const file = join(dirname(agents.dataDir), 'credentials');
    writeFileSync(file, 'of this machine', { mode: 0o644 });
    const paths = [
      examples,
      join(examples, 'README.md'),
      agents.dataDir,
      ...['master.key', 'engine.db', 'objects', 'logs', 'runtimes'].map((name) => join(agents.dataDir, name)),
      file,
      ...['.aws', '.ssh', '.bashrc', '.config'].map((name) => join(homedir(), name)),
      '/etc/shadow',
      '/tmp/of-the-other-session',
    ];
    const addresses = [
      `127.0.0.1:${port}`,
      '169.254.169.254:80',
      '169.254.170.2:80',
      ...(host ? [`${host.address}:${port}`, `${host.address}:${enginePort}`] : []),
    ];
    const urls = ['169.254.169.254', `127.0.0.2:${enginePort}`, ...(host ? [`${host.address}:${port}`] : [])];

    const other = sessionId('other');
    const agent = nosy as Deployed;
    const planted = await agents.client.send(
      new InvokeAgentRuntimeCommandCommand({
        agentRuntimeArn: agent.arn,
        runtimeSessionId: other,
        body: { command: 'echo secret > /tmp/of-the-other-session; ls /tmp' },
      }),
    );
    const outputs: string[] = [];
    for await (const { chunk } of planted.stream ?? []) outputs.push(chunk?.contentDelta?.stdout ?? '');
    expect(outputs.join('')).toContain('of-the-other-session');

    const found = (await agents.ask(agent, sessionId('nosy'), {
      paths,
      addresses,
      urls: urls.map((url) => `http://${url}/`),
    })) as Record<'read' | 'connect' | 'fetch', Record<string, unknown>> & {
      environment: string[];
      processes: string[];
    };
    for (const [path, read] of Object.entries(found.read))
      expect(read, path).toMatch(/^refused: No such file/);
    for (const [address, connected] of Object.entries(found.connect))
      expect(connected, address).toMatch(/^refused: .*(?:Connection refused|unreachable)/);
    for (const [url, fetched] of Object.entries(found.fetch)) expect(fetched, url).toBe('refused: 403');
    expect(found.processes.length).toBeLessThan(10);
    const own =
      /^(?:AWS_\w+|AGENTCORE_RUNTIME_URL|MARK|PORT|(?:HTTPS?|NO)_PROXY|NODE_USE_ENV_PROXY|PYTHON\w+|PIP_\w+)$/i;
    const plain = [
      'HOME',
      'LANG',
      'MPLBACKEND',
      'OMP_NUM_THREADS',
      'PATH',
      'PWD',
      'SHELL',
      'TERM',
      'TMPDIR',
      'USER',
      'VIRTUAL_ENV',
    ];
    expect(found.environment.filter((name) => !own.test(name) && !plain.includes(name))).toEqual([]);
  });
});
