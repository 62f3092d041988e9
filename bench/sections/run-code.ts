import { join } from 'node:path';
import type { Bench, Section } from '../harness/bench.ts';
import { Child } from '../harness/child.ts';
import { settle, startEngine } from '../harness/engine.ts';
import { connectServer, type McpServer } from '../harness/mcp.ts';
import { pinnedVersion, pythonPeers } from '../harness/peers.ts';
import { program } from '../harness/places.ts';
import type { Row } from '../harness/report.ts';
import { byTurns, type Subject, timed } from '../harness/rounds.ts';
import { median, ratios } from '../harness/statistics.ts';

const CODE = '6*7';
const WARM_MS = 5;
const NEW_MS = 150;
const PACE_MS = 1_000;
/** Calls in a row that make one figure, as those of a program that works. */
const CALLS = 20;

/** One call, which must give the answer. */
async function run(server: McpServer, args: object): Promise<string> {
  const { stdout, session } = await server.call('run_code', { code: CODE, ...args });
  if (String(stdout).trim() !== '42') throw new Error(`run_code printed ${JSON.stringify(stdout)}, not 42.`);
  return String(session);
}

/** The median of some calls in a session that is named by its id. */
async function warmCalls(bench: Bench, server: McpServer, language: string, code = CODE): Promise<Subject> {
  const session = await run(server, { language, code });
  return inARow(bench, () => timed(() => run(server, { language, code, session })));
}

const inARow =
  (bench: Bench, call: Subject): Subject =>
  async () => {
    const times: number[] = [];
    while (times.length < bench.pick(CALLS, 1)) times.push(await call());
    return median(times);
  };

/** Up to the answer; the session is ended after it, which does not count. */
const newSession =
  (server: McpServer): Subject =>
  async () => {
    let session = '';
    const ms = await timed(async () => {
      session = await run(server, {});
    });
    await server.call('stop_session', { session });
    return ms;
  };

async function languagesOf({ client }: McpServer): Promise<string[]> {
  const { tools } = await client.listTools();
  const { properties } = tools.find(({ name }) => name === 'run_code')?.inputSchema ?? {};
  return (properties as { language?: { enum?: string[] } } | undefined)?.language?.enum ?? [];
}

interface Kernel {
  execute: Subject;
  start: Subject;
}

/** An ipykernel with a client of its own, which takes the times itself. */
async function startKernel(bench: Bench, folder: string): Promise<Kernel> {
  const kernel = new Child(bench, [join(folder, 'bin', 'python'), program('kernel.py')]);
  bench.defer(() => kernel.process.stdin?.end());
  await kernel.message('ready');
  const ask = async (what: string) => {
    kernel.send({ do: what });
    return (await kernel.message<{ ms: number }>('ms')).ms;
  };
  return { execute: () => ask('execute'), start: () => ask('start') };
}

export const runCode: Section = {
  title: 'run_code: code through a real MCP client over stdio',

  async run(bench) {
    const notes = [
      `Each call is \`${CODE}\` and its answer, checked. A round of warm calls is ${CALLS} in a row, of which the median counts.`,
    ];
    const engine = await startEngine(bench);
    const server = await connectServer(bench, engine.dataDir);
    const peer = pythonPeers(bench);
    const kernel = 'missing' in peer ? undefined : await startKernel(bench, peer.folder);
    const hasJavaScript = (await languagesOf(server)).includes('javascript');
    await settle(bench);

    const warm: Record<string, number[]> = await byTurns<string>(
      {
        python: await warmCalls(bench, server, 'python'),
        ...(hasJavaScript && { javascript: await warmCalls(bench, server, 'javascript') }),
        shell: await warmCalls(bench, server, 'shell', 'echo 42'),
        ...(kernel && { kernel: inARow(bench, kernel.execute) }),
      },
      bench.rounds(20, 20),
    );
    const fresh: Record<string, number[]> = await byTurns<string>(
      { own: newSession(server), ...(kernel && { kernel: kernel.start }) },
      { ...bench.rounds(10), pauseMs: bench.pick(PACE_MS, 0) },
    );
    const unpaced = await byTurns({ own: newSession(server) }, bench.rounds(10, 0));

    const { python = [], javascript, shell = [], kernel: executed } = warm;
    const { own = [], kernel: started } = fresh;
    const rows: Row[] = [
      { what: 'Python, warm session', values: python, unit: 'ms', goal: { most: WARM_MS } },
      ...(javascript ? [{ what: 'JavaScript, warm session', values: javascript, unit: 'ms' } as const] : []),
      { what: 'Shell (`echo 42`), warm session', values: shell, unit: 'ms' },
      {
        what: 'New session to its first answer, one a second',
        values: own,
        unit: 'ms',
        goal: { most: NEW_MS },
      },
      { what: 'New session, one after the other', values: unpaced.own, unit: 'ms' },
    ];
    if (executed && started)
      rows.push(
        { what: 'ipykernel, warm', values: executed, unit: 'ms' },
        { what: 'ipykernel, start to its first answer', values: started, unit: 'ms' },
        { what: 'Python, warm: run_code / ipykernel', values: ratios(python, executed), unit: '×' },
        { what: 'New: run_code / ipykernel', values: ratios(own, started), unit: '×' },
      );
    if (!hasJavaScript) notes.push('JavaScript is not measured: this run_code does not offer it.');
    notes.push(
      'missing' in peer
        ? `ipykernel is not compared: ${peer.missing}.`
        : `ipykernel ${pinnedVersion('ipykernel')} is driven by jupyter_client ${pinnedVersion('jupyter_client')} from the same machine, without MCP and without a sandbox, up to \`idle\`.`,
    );
    return { rows, notes };
  },
};
