import {
  type BedrockAgentCoreClient,
  GetCodeInterpreterSessionCommand,
  InvokeCodeInterpreterCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { Bench, Section } from '../harness/bench.ts';
import { nowMicroseconds, profiled, selfTimes } from '../harness/cpu-profile.ts';
import {
  dataClient,
  deployMinimal,
  interpreter,
  settle,
  startCodeSession,
  startEngine,
} from '../harness/engine.ts';
import { load, signed } from '../harness/load.ts';
import type { Row, Table } from '../harness/report.ts';
import { byTurns, timed } from '../harness/rounds.ts';
import { differences, median } from '../harness/statistics.ts';
import { askByTool, signedInvocation, startDirect } from './agents.ts';

const CODE = '6*7';
const session = 'profile';

/** The seconds that the code itself took, as the engine answers them. */
async function executionTime(client: BedrockAgentCoreClient, command: InvokeCodeInterpreterCommand) {
  const { stream = [] } = await client.send(command);
  let seconds = 0;
  for await (const { result } of stream) seconds += result?.structuredContent?.executionTime ?? 0;
  return seconds;
}

/** The spans of a warm run_code and of a warm invoke_agent_runtime, each the difference of two measurements. */
async function spans(bench: Bench): Promise<Row[]> {
  const engine = await startEngine(bench);
  const { arn, server } = await deployMinimal(bench, engine);
  const client = dataClient(bench, engine);
  const sessionId = await startCodeSession(client);
  const named = { codeInterpreterIdentifier: interpreter, sessionId };
  const execute = () =>
    new InvokeCodeInterpreterCommand({
      ...named,
      name: 'executeCode',
      arguments: { language: 'python', code: CODE },
    });
  const requests = {
    get: await signed(client, new GetCodeInterpreterSessionCommand(named)),
    execute: await signed(client, execute()),
    invoke: await signedInvocation(client, arn, '{"prompt":"hello"}'),
    direct: await startDirect(bench, '{"prompt":"hello"}'),
  };
  const seconds = bench.pick(0.7, 0.2);
  const calls = bench.pick(30, 2);
  const p50 = (name: keyof typeof requests) => async () =>
    (await load(bench, { ...requests[name], clients: 1, seconds })).p50;
  const medianOf = async (measure: () => Promise<number>) => {
    const values: number[] = [];
    while (values.length < calls) values.push(await measure());
    return median(values);
  };
  await settle(bench);
  const of = await byTurns(
    {
      tool: () => medianOf(() => timed(() => server.call('run_code', { code: CODE, session }))),
      execute: p50('execute'),
      get: p50('get'),
      code: () => medianOf(async () => (await executionTime(client, execute())) * 1_000),
      ask: askByTool(server, calls),
      invoke: p50('invoke'),
      direct: p50('direct'),
    },
    bench.rounds(5),
  );
  const inSandbox = differences(of.execute, of.get);
  const row = (what: string, values: number[]): Row => ({ what, values, unit: 'ms' });
  return [
    row('run_code, warm', of.tool),
    row('… of which MCP, the server and its AWS SDK client', differences(of.tool, of.execute)),
    row('… HTTP, signature and schema in the engine (as GetCodeInterpreterSession)', of.get),
    row('… to the sandbox and back, with the stream of events', differences(inSandbox, of.code)),
    row('… the code, as the kernel reports it', of.code),
    row('invoke_agent_runtime, warm', of.ask),
    row('… of which MCP, the server and its AWS SDK client', differences(of.ask, of.invoke)),
    row('… the engine and the way into the sandbox', differences(of.invoke, of.direct)),
    row('… the agent, called directly', of.direct),
  ];
}

/** Profiles of server and engine while each tool is called again and again. */
async function cpu(bench: Bench, tools: Readonly<Record<string, object>>): Promise<Table[]> {
  const folders = { server: bench.makeFolder('of-server'), engine: bench.makeFolder('of-engine') };
  const engine = await startEngine(bench, { node: profiled(folders.engine), name: 'data-profiled' });
  const { server } = await deployMinimal(bench, engine, profiled(folders.server));
  const spans: { tool: string; from: number; to: number }[] = [];
  for (const [tool, args] of Object.entries(tools)) {
    await server.call(tool, args);
    await settle(bench);
    const from = nowMicroseconds();
    const until = performance.now() + bench.pick(5_000, 500);
    while (performance.now() < until) await server.call(tool, args);
    spans.push({ tool, from, to: nowMicroseconds() });
  }
  await server.close();
  await engine.process.end();
  return spans.flatMap(({ tool, from, to }) => [
    selfTimes(`${tool}: MCP server`, folders.server, from, to),
    selfTimes(`${tool}: engine`, folders.engine, from, to),
  ]);
}

export const profile: Section = {
  title: 'Where the time goes',

  async run(bench) {
    const rows = await spans(bench);
    const tables = await cpu(bench, {
      run_code: { code: CODE, session },
      invoke_agent_runtime: { agent: 'minimal', prompt: 'hello', session },
    });
    const notes = [
      'Spans are measured from outside, each as the difference of two calls in the same round.',
      'The profiles are of one call after the other; self time is a share of the time in which the process was busy.',
    ];
    return { rows, tables, notes };
  },
};
