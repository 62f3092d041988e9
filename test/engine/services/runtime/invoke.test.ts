import { expect, test } from 'vitest';
import type { InputOf } from '../../../../src/engine/service.ts';
import { until } from '../../../support/engine.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { echo, obedient } from './data-agents.ts';
import { failureOf, newSession, textOf, useAgents } from './data-support.ts';

interface Echoed {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

const accept = 'application/json, text/event-stream';

describeSandbox('InvokeAgentRuntime', () => {
  const agents = useAgents();

  async function invoke(input: InputOf<'InvokeAgentRuntime'>, headers: Record<string, string> = {}) {
    const { response, ...output } = await agents.call('InvokeAgentRuntime', input, {
      headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    });
    const text = await textOf(response);
    return { ...output, text, echoed: () => JSON.parse(text) as Echoed };
  }

  test('hands the agent the bytes and the headers that it is to have, and no others', async () => {
    const agent = agents.deploy(echo(8080), { headerAllowlist: ['x-listed', 'authorization'] });
    const runtimeSessionId = newSession();
    const { echoed, ...output } = await invoke(
      {
        agentRuntimeArn: agent.runtimeArn,
        runtimeSessionId,
        payload: Buffer.from('any bytes: ä'),
        contentType: 'text/x-own',
        accept: 'text/x-answer',
        runtimeUserId: 'somebody',
        traceState: 'vendor=1',
        baggage: 'a=b',
      },
      {
        'x-listed': 'listed',
        'x-unlisted': 'unlisted',
        'x-amzn-bedrock-agentcore-runtime-custom-own': 'custom',
        authorization: 'AWS4-HMAC-SHA256 Credential=...',
        'x-amz-date': 'today',
      },
    );
    expect(output).toMatchObject({
      runtimeSessionId,
      contentType: 'application/json; charset=utf-8',
      statusCode: 200,
      traceState: 'vendor=1',
      baggage: 'a=b',
    });
    const { headers, ...request } = echoed();
    expect(request).toEqual({ method: 'POST', url: '/invocations', body: 'any bytes: ä' });
    const [, trace] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(output.traceParent ?? '') ?? [];
    expect(output.traceId).toMatch(new RegExp(`^Root=1-${trace?.slice(0, 8)}-${trace?.slice(8)};`));
    expect(headers).toEqual({
      host: '127.0.0.1:8080',
      connection: 'keep-alive',
      'content-length': '13',
      'content-type': 'text/x-own',
      accept: 'text/x-answer',
      'x-listed': 'listed',
      'x-amzn-bedrock-agentcore-runtime-custom-own': 'custom',
      'x-amzn-bedrock-agentcore-runtime-session-id': runtimeSessionId,
      'x-amzn-bedrock-agentcore-runtime-request-id': 'the-request-id',
      'x-amzn-trace-id': output.traceId,
      traceparent: output.traceParent,
      tracestate: 'vendor=1',
      baggage: 'a=b',
    });
    await agents.stop(agent, runtimeSessionId);
  });

  test('makes a session id where none is given, and keeps a trace that is', async () => {
    const agent = agents.deploy(echo(8080));
    const trace = { traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793', traceParent: 'given' };
    const { echoed, runtimeSessionId, traceId, traceParent } = await invoke({
      agentRuntimeArn: agent.runtimeArn,
      payload: Buffer.alloc(0),
      ...trace,
    });
    expect({ traceId, traceParent }).toEqual(trace);
    expect(runtimeSessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(echoed().headers['x-amzn-bedrock-agentcore-runtime-session-id']).toBe(runtimeSessionId);
    await agents.stop(agent, runtimeSessionId ?? '');
  });

  test('relays an event stream event by event', async () => {
    const agent = agents.deploy(obedient);
    const runtimeSessionId = newSession();
    const { response, contentType } = await agents.call('InvokeAgentRuntime', {
      agentRuntimeArn: agent.runtimeArn,
      runtimeSessionId,
      payload: Buffer.from('{"stream": 4}'),
    });
    expect(contentType).toBe('text/event-stream');
    let number = 0;
    for await (const event of response as unknown as AsyncIterable<Uint8Array>) {
      expect(Buffer.from(event).toString()).toBe(`data: ${number}\n\n`);
      number++;
      await agents.run(agent, runtimeSessionId, `open("/tmp/go-${number}", "w")`);
    }
    expect(number).toBe(4);
    await agents.stop(agent, runtimeSessionId);
  });

  test('whose caller goes away ends the request, and the session lives on', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    await agents.run(agent, session, 'kept = 1');
    const caller = new AbortController();
    const asked = failureOf(
      agents.run(
        agent,
        session,
        // Not the variable, which the next request sets anew.
        'own = sys._getframe(1).f_locals["self"]; open("/tmp/asked", "w"); own.connection.recv(1); open("/tmp/gone", "w")',
        { signal: caller.signal },
      ),
    );
    await until(() => agents.run(agent, session, 'answer = os.path.exists("/tmp/asked")'));
    caller.abort();
    expect((await asked).name).toBe('AbortError');
    await until(() => agents.run(agent, session, 'answer = os.path.exists("/tmp/gone")'));
    expect(await agents.run(agent, session, 'answer = kept')).toBe(1);
    await agents.stop(agent, session);
  });

  test('whose caller goes away in the middle of an answer leaves the session idle', async () => {
    const agent = agents.deploy(obedient, { idleSeconds: 1 });
    const runtimeSessionId = newSession();
    const { response } = await agents.call('InvokeAgentRuntime', {
      agentRuntimeArn: agent.runtimeArn,
      runtimeSessionId,
      payload: Buffer.from('{"stream": 2}'),
    });
    for await (const event of response as unknown as AsyncIterable<Uint8Array>) {
      expect(Buffer.from(event).toString()).toBe('data: 0\n\n');
      break;
    }
    await until(() => agents.logs.of(runtimeSessionId).at(-1)?.includes('ended: it was idle for 1 s'));
  });

  test('stops waiting after the time that the caller sets', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    await agents.run(agent, session, '');
    const failure = await failureOf(agents.run(agent, session, 'time.sleep(600)', { timeoutMs: 1_000 }));
    expect(failure).toMatchObject({
      name: 'RuntimeClientError',
      message: expect.stringContaining('The agent did not complete its answer within 1 s.'),
    });
    await agents.stop(agent, session);
  });

  test("makes the agent's own error a RuntimeClientError with its words", async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const { name, message } = await failureOf(agents.run(agent, session, 'raise ValueError("no cheese")'));
    expect(name).toBe('RuntimeClientError');
    expect(message).toMatch(
      /^Received error \(500\) from runtime\. Please check your CloudWatch logs for more information\. The agent says: .*no cheese/,
    );
    await agents.stop(agent, session);
  });

  test('fails the reader of an answer that breaks off', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    await expect(
      agents.run(
        agent,
        session,
        'agent.send_response(200); agent.send_header("content-length", "99"); agent.end_headers(); agent.wfile.write(b"half"); agent.connection.shutdown(1); agent.connection.close(); sys.exit()',
      ),
    ).rejects.toThrow('aborted');
    await agents.stop(agent, session);
  });

  test('takes as many bytes as there may be, and refuses more', async () => {
    const agent = agents.deploy({
      'main.py': obedient['main.py'].replace('wanted = json.loads(body)', 'return self.answer(len(body))'),
    });
    const runtimeSessionId = newSession();
    const call = { agentRuntimeArn: agent.runtimeArn, runtimeSessionId };
    expect((await invoke({ ...call, payload: Buffer.alloc(100_000_000) })).text).toBe('100000000');
    expect(await failureOf(invoke({ ...call, payload: Buffer.alloc(100_000_001) }))).toMatchObject({
      name: 'ValidationException',
    });
    expect(
      await failureOf(
        invoke(
          { ...call, payload: Buffer.from('') },
          { 'x-amzn-bedrock-agentcore-runtime-custom-a': 'x'.repeat(4097) },
        ),
      ),
    ).toMatchObject({ name: 'ValidationException' });
    await agents.stop(agent, runtimeSessionId);
  });

  test('of an MCP server posts to /mcp, with the session that MCP knows', async () => {
    const agent = agents.deploy(echo(8000), { protocol: 'MCP' });
    const { runtimeArn: agentRuntimeArn } = agent;
    const payload = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    const refused = await invoke({ agentRuntimeArn, payload, accept: 'application/json' });
    expect(refused.statusCode).toBe(406);
    expect(JSON.parse(refused.text).error.code).toBe(-32011);

    const stateless = await invoke({
      agentRuntimeArn,
      payload,
      accept,
      mcpProtocolVersion: '2025-11-25',
      mcpMethod: 'tools/list',
    });
    expect(stateless.mcpSessionId).toBe(stateless.runtimeSessionId);
    expect(stateless.mcpProtocolVersion).toBe('2025-11-25');
    expect(stateless.echoed()).toMatchObject({
      url: '/mcp',
      headers: {
        'mcp-session-id': stateless.mcpSessionId,
        'mcp-protocol-version': '2025-11-25',
        'mcp-method': 'tools/list',
      },
    });
    expect(stateless.echoed().headers).not.toHaveProperty('x-amzn-bedrock-agentcore-runtime-session-id');

    const runtimeSessionId = newSession();
    const initialize = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize"}');
    const stateful = await invoke({ agentRuntimeArn, runtimeSessionId, payload: initialize, accept });
    expect(stateful.echoed().headers).not.toHaveProperty('mcp-session-id');
    expect(stateful.mcpSessionId).toBe('chosen-by-the-server');
    const next = await invoke({
      agentRuntimeArn,
      mcpSessionId: 'chosen-by-the-server',
      runtimeSessionId: newSession(),
      payload,
      accept,
    });
    expect(next.echoed().headers['mcp-session-id']).toBe('chosen-by-the-server');
    expect(next.runtimeSessionId).toBe(runtimeSessionId);
    await agents.plane.running.end(agent.scope, agent.runtimeId);
  });

  test('of an A2A agent posts to /, and GetAgentCard reads its card', async () => {
    const agent = agents.deploy(echo(9000), { protocol: 'A2A' });
    const runtimeSessionId = newSession();
    const { echoed } = await invoke({
      agentRuntimeArn: agent.runtimeArn,
      runtimeSessionId,
      payload: Buffer.from('{}'),
    });
    expect(echoed()).toMatchObject({
      url: '/',
      headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': runtimeSessionId },
    });
    expect(
      await agents.call('GetAgentCard', { agentRuntimeArn: agent.runtimeArn, runtimeSessionId }),
    ).toEqual({
      runtimeSessionId,
      agentCard: { name: 'echo', version: '1' },
      statusCode: 200,
    });
    await agents.stop(agent, runtimeSessionId);
    const http = agents.deploy(echo(8080));
    expect(await failureOf(agents.call('GetAgentCard', { agentRuntimeArn: http.runtimeArn }))).toMatchObject({
      name: 'ValidationException',
    });
  });
});
