import { type BedrockAgentCoreClient, RetrieveMemoryRecordsCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateMemoryCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { MemoryKey } from '../../../src/engine/services/memory/memory.ts';
import { type Bench, type Section, say } from '../../harness/bench.ts';
import { clientConfig, dataClient, region, startEngine } from '../../harness/engine.ts';
import { pinnedVersion, vectorPeers } from '../../harness/peers.ts';
import type { Row } from '../../harness/report.ts';
import { byTurns, type Subject, timed } from '../../harness/rounds.ts';
import { ratios } from '../../harness/statistics.ts';
import { DIMENSIONS, GivenVectors, randomVectors, sentences } from '../given-vectors.ts';
import { namespace, openLongTerm } from '../long-term.ts';
import { english } from '../questions/question-set.ts';
import type { VectorStore } from '../vector-peers.ts';
import { openStores, type Stores } from '../vector-stores.ts';

const TOP = 10;
const GOAL_MS = 100;
const CHECKED = 3;
const ROUNDS = 41;
const WARM_UP = 3;
const FILL_MS = 300_000;
/** Longer than the three stores may take to be filled, for meanwhile nothing is asked of the engine. */
const IDLE_SECONDS = 1_000;

type Name = keyof Stores;
type Times = Partial<Record<Name, number[]>>;

const counted = (size: number) => `${size.toLocaleString('en')} records`;

/** Answers an item after the other, and from the first again. */
function around<T>(items: readonly T[]): () => T {
  let next = 0;
  return () => items[next++ % items.length] as T;
}

/** The finds must be the same by all: none is measured that looks less closely. */
async function checkAlike(stores: Stores, queries: readonly Float32Array[]): Promise<void> {
  for (const query of queries.slice(0, CHECKED)) {
    const found = Object.values(stores).map(async (store: VectorStore) =>
      (await store.nearest(query, TOP)).toSorted((a, b) => a - b).join(),
    );
    if (new Set(await Promise.all(found)).size > 1)
      throw new Error(`Not all found the same:\n${(await Promise.all(found)).join('\n')}`);
  }
}

/** The same vectors into each, by turns of one. @returns how many a second. */
async function fill(stores: Stores, vectors: readonly Float32Array[]): Promise<Times> {
  const subjects = Object.entries(stores).map(([name, store]) => {
    const perSecond: Subject = async () =>
      vectors.length / ((await timed(() => store.insert(vectors))) / 1_000);
    return [name, perSecond];
  });
  return byTurns(Object.fromEntries(subjects), { rounds: 1, warmUp: 0, deadlineMs: FILL_MS });
}

async function searchTimes(bench: Bench, stores: Stores): Promise<Times> {
  const queries = randomVectors('queries', ROUNDS);
  await checkAlike(stores, queries);
  const subjects = Object.entries(stores).map(([name, store]) => {
    const query = around(queries);
    return [name, () => timed(() => store.nearest(query(), TOP))];
  });
  return byTurns(Object.fromEntries(subjects), bench.rounds(ROUNDS, WARM_UP));
}

function searchRows(size: number, times: Times): Row[] {
  const what = `Vector search alone, ${counted(size)}`;
  const { engine = [], ...peers } = times;
  return [
    { what: `${what}: engine`, values: engine, unit: 'ms' },
    ...Object.entries(peers).flatMap(([name, values]): Row[] => [
      { what: `${what}: ${name}`, values, unit: 'ms' },
      { what: `${what}: engine / ${name}`, values: ratios(engine, values), unit: '×', goal: { most: 1 } },
    ]),
  ];
}

/** A question of the set, asked through HTTP by the SDK. */
async function retrieveRow(
  bench: Bench,
  client: BedrockAgentCoreClient,
  { size, memoryId }: { size: number; memoryId: string },
): Promise<Row> {
  const step = 31;
  const { questions } = english();
  const question = around(questions.filter((_, index) => index % step === 0).map(({ text }) => text));
  const retrieve = async () => {
    const searchCriteria = { searchQuery: question(), topK: TOP };
    const command = new RetrieveMemoryRecordsCommand({ memoryId, namespacePath: namespace, searchCriteria });
    const { memoryRecordSummaries = [] } = await client.send(command);
    if (memoryRecordSummaries.length !== TOP)
      throw new Error(`${memoryRecordSummaries.length} records for: ${searchCriteria.searchQuery}`);
  };
  const { values } = await byTurns({ values: () => timed(retrieve) }, bench.rounds(ROUNDS, WARM_UP));
  return { what: `RetrieveMemoryRecords, ${counted(size)}`, values, unit: 'ms', goal: { most: GOAL_MS } };
}

async function newMemory(control: BedrockAgentCoreControlClient, size: number): Promise<MemoryKey> {
  const create = new CreateMemoryCommand({ name: `bench${size}`, eventExpiryDuration: 30 });
  const { memory } = await control.send(create);
  const account = memory?.arn?.split(':')[4] ?? '';
  return { scope: { account, region }, memoryId: memory?.id ?? '' };
}

export const speed: Section = {
  title: 'How fast is it found?',

  async run(bench) {
    const sizes = bench.quick ? [200] : [1_000, 10_000, 100_000];
    const peer = vectorPeers(bench);
    const engine = await startEngine(bench, { idleSeconds: IDLE_SECONDS });
    const control = new BedrockAgentCoreControlClient(clientConfig(engine));
    bench.defer(() => control.destroy());
    const given = new GivenVectors();
    const { records } = openLongTerm(bench, 'own', given, engine.dataDir);
    const rows: Row[] = [];
    const filled: string[][] = [];
    for (const size of sizes) {
      say(`${counted(size)} ...`);
      const key = await newMemory(control, size);
      const stores = await openStores(bench, peer, { records, given, key, texts: sentences(size) });
      const perSecond = await fill(stores, randomVectors(`vectors/${size}`, size));
      filled.push([
        counted(size),
        ...Object.values(perSecond).map((values) => Math.round(values[0] ?? 0).toLocaleString('en')),
      ]);
      rows.push(
        await retrieveRow(bench, dataClient(bench, engine), { size, memoryId: key.memoryId }),
        ...searchRows(size, await searchTimes(bench, stores)),
      );
    }
    return {
      rows,
      tables: [
        {
          head: [
            'Inserted a second',
            ...('missing' in peer ? ['engine'] : ['engine', 'sqlite-vec', 'LanceDB']),
          ],
          rows: filled,
        },
      ],
      notes: [
        'RetrieveMemoryRecords: the ten best of a memory for a question, by the AWS SDK over HTTP; the question is embedded, and its words are looked up too.',
        `Vector search alone: the ten nearest of the same ${DIMENSIONS} numbers a record, by the engine's own code, which also reads the records that it found; all find exactly the same.`,
        'Inserted: the engine keeps text, words and vector of each record, durably; the others the vector only.',
        'missing' in peer
          ? `sqlite-vec and LanceDB are not compared: ${peer.missing}.`
          : `sqlite-vec ${pinnedVersion('sqlite-vec')} in Node's SQLite; LanceDB ${pinnedVersion('@lancedb/lancedb')} without an index, which would find others.`,
      ],
    };
  },
};
