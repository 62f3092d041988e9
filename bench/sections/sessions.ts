import { freemem } from 'node:os';
import {
  type BedrockAgentCoreClient,
  InvokeCodeInterpreterCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { Section } from '../harness/bench.ts';
import { dataClient, interpreter, settle, startCodeSession, startEngine } from '../harness/engine.ts';
import { pssOf, treeOf } from '../harness/processes.ts';
import type { Row } from '../harness/report.ts';
import { timed } from '../harness/rounds.ts';

const SESSIONS = 100;
const LIBRARIES = 'import pandas, matplotlib.pyplot';

/** @throws Error when the answer is not 42. */
async function execute(client: BedrockAgentCoreClient, sessionId: string, code: string): Promise<void> {
  const { stream = [] } = await client.send(
    new InvokeCodeInterpreterCommand({
      ...{ codeInterpreterIdentifier: interpreter, sessionId },
      name: 'executeCode',
      arguments: { language: 'python', code },
    }),
  );
  let printed = '';
  for await (const { result } of stream) printed += result?.structuredContent?.stdout ?? '';
  if (printed.trim() !== '42')
    throw new Error(`Session ${sessionId} printed ${JSON.stringify(printed)}, not 42.`);
}

export const sessions: Section = {
  title: 'Many sessions at once on one engine',

  async run(bench) {
    const count = bench.pick(SESSIONS, 2);
    const engine = await startEngine(bench);
    const client = dataClient(bench, engine);
    await settle(bench);
    const memory = () => pssOf(treeOf(engine.process.pid));
    const before = memory();

    let ids: string[] = [];
    const started = await timed(async () => {
      ids = await Promise.all(Array.from({ length: count }, () => startCodeSession(client)));
    });
    const inAll = (code: string) => timed(() => Promise.all(ids.map((id) => execute(client, id, code))));
    const first = await inAll('6*7');
    const again = await inAll('6*7');
    const bare = memory();
    const loaded = await inAll(`${LIBRARIES}; 6*7`);
    const full = memory();
    const free = freemem() / 1024 ** 2;
    const stopped = await timed(() =>
      Promise.all(
        ids.map((sessionId) =>
          client.send(
            new StopCodeInterpreterSessionCommand({ codeInterpreterIdentifier: interpreter, sessionId }),
          ),
        ),
      ),
    );

    const seconds = (ms: number) => ({ values: ms / 1_000, unit: 's' }) as const;
    const rows: Row[] = [
      { what: `${count} sessions started at once`, ...seconds(started) },
      { what: 'The first answer of all', ...seconds(first) },
      { what: 'A further answer of all', ...seconds(again) },
      { what: 'pandas and matplotlib imported in all', ...seconds(loaded) },
      { what: 'All stopped', ...seconds(stopped) },
      { what: 'Memory before them', values: before, unit: 'MiB' },
      { what: 'Memory of a session, bare', values: (bare - before) / count, unit: 'MiB' },
      { what: 'Memory in all, bare', values: bare, unit: 'MiB' },
      {
        what: 'Memory of a session with pandas and matplotlib',
        values: (full - before) / count,
        unit: 'MiB',
      },
      { what: 'Memory in all, with pandas and matplotlib', values: full, unit: 'MiB' },
      { what: 'Memory of the machine that was free then', values: free, unit: 'MiB' },
    ];
    const notes = [
      `All ${count} sessions answered each time, with the limits that the engine has by default.`,
      'Memory is the proportional set size of the engine and all processes below it: what they share is counted once.',
    ];
    return { rows, notes };
  },
};
