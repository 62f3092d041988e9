import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import {
  AGENT_MS,
  agentDataDir,
  cli,
  DEPLOY_MS,
  type Deployed,
  examples,
  sessionId,
  signedFetch,
  useExamples,
} from '../support/agents.ts';
import { until } from '../support/engine.ts';
import { impatientServices } from '../support/impatient.ts';
import { describeSandbox } from '../support/sandbox.ts';

vi.setConfig({ testTimeout: AGENT_MS });

const IDLE_SECONDS = 2;

describeSandbox('the examples', () => {
  const agents = useExamples([], impatientServices(IDLE_SECONDS));
  let [streaming, background, mcpServer, node]: Deployed[] = [];

  beforeAll(async () => {
    streaming = await agents.deploy('streaming');
    [background, mcpServer, node] = await Promise.all([
      agents.deploy('background-task'),
      agents.deploy('mcp-server', { protocol: 'mcp' }),
      agents.deploy('node'),
    ]);
  }, DEPLOY_MS);

  /** What the engine remarked last about a session. */
  const remarks = async (agent: string, session: string) => {
    const { lines = '' } = await agents.tool('get_logs', { agent, session, filter: 'agentcore' });
    return String(lines);
  };

  test('streaming: each number arrives when it is counted', async () => {
    const { response } = await agents.invoke(streaming as Deployed, {
      runtimeSessionId: sessionId(),
      payload: JSON.stringify({ to: 4, every: 0.5 }),
    });
    const arrived: number[] = [];
    let text = '';
    for await (const chunk of response as unknown as AsyncIterable<Uint8Array>) {
      arrived.push(performance.now());
      text += Buffer.from(chunk).toString();
    }
    expect(text).toBe([1, 2, 3, 4].map((number) => `data: {"number": ${number}}\n\n`).join(''));
    expect(arrived.length).toBeGreaterThan(2);
    expect((arrived.at(-1) ?? 0) - (arrived[0] ?? 0)).toBeGreaterThan(900);
  });

  test('background-task: work in hand holds the session past the idle limit, and no longer', async () => {
    const agent = background as Deployed;
    const [busy, short, idle] = [sessionId('busy'), sessionId('short'), sessionId('idle')];
    const ended = (session: string) =>
      until(async () =>
        (await remarks('background_task', session)).includes(`ended: it was idle for ${IDLE_SECONDS} s`),
      );
    await Promise.all([
      agents.ask(agent, busy, { seconds: 600 }),
      agents.ask(agent, short, { seconds: 1 }),
      agents.ask(agent, idle, {}),
    ]);
    await Promise.all([ended(idle), ended(short)]);
    await sleep(IDLE_SECONDS * 1000);
    expect(await agents.ask(agent, busy, {})).toEqual({ finished: [], running: 1 });
    expect(await remarks('background_task', busy)).not.toContain('ended');
    await agents.stop(agent, busy);
  });

  test('background-task: says what it has finished', async () => {
    const session = sessionId();
    await agents.ask(background as Deployed, session, { seconds: 0.2 });
    await until(async () => {
      const said = await agents.ask(background as Deployed, session, {});
      return (said as { finished: string[] }).finished.join() === 'worked 0.2 s';
    });
  });

  test('mcp-server: its tools through InvokeAgentRuntime', async () => {
    const session = sessionId();
    const rpc = async (method: string, params: object = {}) => {
      const { response } = await agents.invoke(mcpServer as Deployed, {
        mcpSessionId: session,
        contentType: 'application/json',
        accept: 'application/json, text/event-stream',
        payload: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      });
      const text = (await response?.transformToString()) ?? '';
      return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text).result;
    };
    expect((await rpc('tools/list')).tools).toMatchObject([
      { name: 'add', description: 'Add two whole numbers.' },
    ]);
    expect(await rpc('tools/call', { name: 'add', arguments: { a: 40, b: 2 } })).toMatchObject({
      content: [{ type: 'text', text: '42' }],
    });
    const payload = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const asked = await agents.tool('invoke_agent_runtime', { agent: 'mcp_server', payload });
    expect(JSON.stringify(asked.answer)).toContain('Add two whole numbers.');
  });

  test('mcp-server: an MCP client on the URL that AgentCore gives hosted servers, with signed requests', async () => {
    const { arn } = mcpServer as Deployed;
    const url = new URL(
      `runtimes/${encodeURIComponent(arn)}/invocations?qualifier=DEFAULT`,
      `${agents.engine.url}/`,
    );
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(url, { fetch: signedFetch(agents.engine) }));
    onTestFinished(() => client.close());
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['add']);
    const { content } = await client.callTool({ name: 'add', arguments: { a: 1, b: 2 } });
    expect(content).toEqual([{ type: 'text', text: '3' }]);
  });

  test('node: npm’s bedrock-agentcore', async () => {
    const session = sessionId();
    expect(await agents.ask(node as Deployed, session, { prompt: 'one' })).toEqual({
      answer: 'You said: one',
      session,
    });
    expect(await agents.ask(node as Deployed, session, { prompt: 'two' })).toEqual({
      answer: 'You said: one, two',
      session,
    });
  });
});

describeSandbox('an MCP client that spawns the server', () => {
  const dataDir = agentDataDir();

  test('deploys, asks, asks again, reads the log and stops', { timeout: DEPLOY_MS }, async () => {
    const client = new Client({ name: 'test', version: '1' });
    const args = [cli, '--data-dir', dataDir, '--workspace', examples];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
    onTestFinished(() => client.close());
    const call = async (name: string, given: object) => {
      const { structuredContent } = await client.callTool(
        { name, arguments: { ...given } },
        { timeout: DEPLOY_MS },
      );
      return structuredContent as Record<string, unknown>;
    };
    const deployed = await call('deploy_agent', {
      path: 'streaming',
      name: 'counter',
      prompt: 'count',
      wait_seconds: DEPLOY_MS / 1000,
    });
    expect(deployed).toMatchObject({
      version: '1',
      included: expect.stringContaining('bedrock_agentcore 1.25.0'),
    });
    expect(deployed.answer).toHaveLength(5);

    const first = await call('invoke_agent_runtime', { agent: 'counter', payload: { to: 2 } });
    expect(first.answer).toEqual([{ number: 1 }, { number: 2 }]);
    const { session } = first;
    const second = await call('invoke_agent_runtime', { agent: 'counter', payload: { to: 1 }, session });
    expect(second).toMatchObject({ answer: { number: 1 }, session });
    const { lines, errors } = await call('get_logs', { agent: 'counter', session });
    expect(String(lines).match(/Returning streaming response/g)).toHaveLength(2);
    expect(errors).toEqual([]);
    expect(await call('stop_session', { session })).toMatchObject({ stopped: session });
    const after = await call('get_logs', { agent: 'counter', session });
    expect(after.lines).toMatch(/ended: it was stopped$/);
  });
});
