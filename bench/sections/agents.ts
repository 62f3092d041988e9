import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { Bench, Section } from '../harness/bench.ts';
import { Child } from '../harness/child.ts';
import { dataClient, deployMinimal, settle, startEngine } from '../harness/engine.ts';
import { type LoadRequest, load, loadByTurns, signed } from '../harness/load.ts';
import type { McpServer } from '../harness/mcp.ts';
import { agents as folder, plainEnvironment } from '../harness/places.ts';
import type { Row } from '../harness/report.ts';
import { atOnce, byTurns, type Subject, timed } from '../harness/rounds.ts';
import { differences, median } from '../harness/statistics.ts';

const ADDED_MS = 3;
const ADDED_FIRST_BYTE_MS = 5;
const AT_ONCE = 4;
const contentType = 'application/json';

const prompt = JSON.stringify({ prompt: 'hello' });
const streamed = JSON.stringify({ stream: 2 });

const newSessionId = () => `bench-${randomUUID()}`;

/** The same agent outside of any sandbox, on a port of its own. */
export async function startDirect(bench: Bench, body: string): Promise<LoadRequest> {
  const agent = new Child(bench, [process.execPath, join(folder, 'minimal', 'index.mjs')], {
    env: { ...plainEnvironment(), PORT: '0' },
  });
  const { port } = await agent.message<{ port: number }>('port');
  const headers = { 'content-type': contentType };
  return { url: `http://127.0.0.1:${port}`, method: 'POST', path: '/invocations', headers, body };
}

/** Calls a session that runs. */
export async function signedInvocation(client: BedrockAgentCoreClient, arn: string, payload: string) {
  const call = { agentRuntimeArn: arn, runtimeSessionId: newSessionId(), contentType, payload };
  const { response } = await client.send(new InvokeAgentRuntimeCommand(call));
  await response?.transformToString();
  return signed(client, new InvokeAgentRuntimeCommand(call));
}

/** The tool, in one session: the median of some calls. */
export function askByTool(server: McpServer, calls: number): Subject {
  return async () => {
    const times: number[] = [];
    while (times.length < calls)
      times.push(
        await timed(() =>
          server.call('invoke_agent_runtime', { agent: 'minimal', prompt: 'hello', session: 'bench' }),
        ),
      );
    return median(times);
  };
}

/** How many sessions get their first answer in a second. */
function startSessions(client: BedrockAgentCoreClient, agentRuntimeArn: string, count: number): Subject {
  return async () => {
    const ids = Array.from({ length: count }, newSessionId);
    const ms = await timed(() =>
      atOnce(AT_ONCE, ids, async (runtimeSessionId) => {
        const call = { agentRuntimeArn, runtimeSessionId, contentType, payload: prompt };
        const { response } = await client.send(new InvokeAgentRuntimeCommand(call));
        await response?.transformToString();
      }),
    );
    await atOnce(AT_ONCE, ids, (runtimeSessionId) =>
      client.send(new StopRuntimeSessionCommand({ agentRuntimeArn, runtimeSessionId })),
    );
    return count / (ms / 1_000);
  };
}

export const agents: Section = {
  title: 'Agents: what the engine adds to an agent of its own',

  async run(bench) {
    const engine = await startEngine(bench);
    const { arn, server } = await deployMinimal(bench, engine);
    const client = dataClient(bench, engine);
    const direct = await startDirect(bench, prompt);
    const engined = await signedInvocation(client, arn, prompt);
    await settle(bench);

    const timing = { clients: 1, seconds: bench.pick(1, 0.2), rounds: 7 };
    const calls = await loadByTurns(bench, { direct, engine: engined }, timing);
    const byTool = await byTurns(
      {
        direct: async () => (await load(bench, { ...direct, ...timing })).p50,
        tool: askByTool(server, bench.pick(40, 2)),
      },
      bench.rounds(5),
    );
    const streams = await loadByTurns(
      bench,
      { direct: { ...direct, body: streamed }, engine: await signedInvocation(client, arn, streamed) },
      { ...timing, rounds: 5 },
    );
    const { started } = await byTurns(
      { started: startSessions(client, arn, bench.pick(20, 2)) },
      bench.rounds(3),
    );

    const of = (from: typeof calls, figure: 'p50' | 'p95' | 'firstByte') => ({
      direct: from.direct.map((each) => each[figure]),
      engine: from.engine.map((each) => each[figure]),
    });
    const [p50, p95, first] = [of(calls, 'p50'), of(calls, 'p95'), of(streams, 'firstByte')];
    const rows: Row[] = [
      { what: 'The agent called directly, p50 of a round', values: p50.direct, unit: 'ms' },
      { what: 'InvokeAgentRuntime, p50 of a round', values: p50.engine, unit: 'ms' },
      {
        what: 'Added by the engine at p50',
        values: differences(p50.engine, p50.direct),
        unit: 'ms',
        goal: { most: ADDED_MS },
      },
      { what: 'Added by the engine at p95', values: differences(p95.engine, p95.direct), unit: 'ms' },
      { what: 'invoke_agent_runtime over MCP, p50 of a round', values: byTool.tool, unit: 'ms' },
      {
        what: 'Added by MCP server and engine at p50',
        values: differences(byTool.tool, byTool.direct),
        unit: 'ms',
        goal: { most: ADDED_MS },
      },
      { what: 'First streamed byte, directly', values: first.direct, unit: 'ms' },
      {
        what: 'First streamed byte, added by the engine',
        values: differences(first.engine, first.direct),
        unit: 'ms',
        goal: { most: ADDED_FIRST_BYTE_MS },
      },
      { what: `Sessions started and answered, ${AT_ONCE} at a time`, values: started, unit: '/s' },
    ];
    const notes = [
      'The agent is a Node program without packages. The same file runs on a port of its own and in the engine.',
      'Both are called by the same load generator over a kept connection; the requests to the engine are signed.',
    ];
    return { rows, notes };
  },
};
