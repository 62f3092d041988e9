import { expect, onTestFinished, test } from 'vitest';
import { type Engine, startEngine } from '../../src/engine/index.ts';
import { runPython } from '../support/python-clients.ts';
import { temporaryDir } from '../support/temporary.ts';

const DEADLINE_MS = 90_000;

const run = (engine: Engine, script: string, ...args: string[]) =>
  runPython(engine, script, { args, timeout: DEADLINE_MS });

async function engineOf(dataDir: string): Promise<Engine> {
  const engine = await startEngine({ dataDir, spares: 0 });
  onTestFinished(() => engine.close());
  return engine;
}

const graphs = (kind: string) => ({
  [`${kind} waits`]: [['approve'], 1],
  [`${kind} one`]: ['Book one 予約', 'I would: Book one 予約', 'Do', 'Done, 3 messages.'],
  [`${kind} two`]: ['Book two 予約', 'I would: Book two 予約', 'Yes', 'Done, 3 messages.'],
  [`${kind} history`]: [4, 3, 2, 1, 0],
  [`${kind} earlier`]: ['approve'],
  [`${kind} deleted`]: {},
});

test(
  'AgentCore’s own clients, boto3 and LangGraph remember, also after a restart of the engine',
  async () => {
    const dataDir = temporaryDir();
    const first = await engineOf(dataDir);
    const [sdk, begun] = await Promise.all([
      run(first, 'memory_sdk.py'),
      run(first, 'memory_langgraph.py', 'begin'),
    ]);
    expect(sdk).toEqual({
      client: {
        memory: ['ACTIVE', true, 2],
        events: 4,
        dry: ['What is the weather?', 'Cold.'],
        blob: [{ blob: { step: 1, π: [null, 1.5] } }],
        without: [['actorId', 'branch', 'eventId', 'eventTimestamp', 'memoryId', 'sessionId']],
        turns: [['Is it snowing?'], ['I live in Oslo and I work as a baker.', 'Good to know.']],
        branches: ['again', 'main'],
        branch: ['Is it snowing?'],
        'with its parents': ['Is it snowing?', 'I live in Oslo and I work as a baker.', 'Good to know.'],
        found: true,
        retrieved: expect.arrayContaining([[expect.stringContaining('Oslo'), true]]),
        strategies: ['facts', 'summaries'],
        left: false,
      },
      sessions: {
        turns: [['What is my dog called?', 'You asked: What is my dog called?']],
        events: 4,
        branches: ['main', 'other'],
        event: true,
        milliseconds: true,
        actors: ['bob/of:sales'],
        sessions: ['two'],
        said: 'You asked: What is my dog called?',
        told: true,
        search: [true],
        record: true,
        'records left': 0,
        'events left': 3,
      },
      boto3: {
        made: 3,
        removed: [1, 1],
        listed: ['The boat is blue.', 'The dog eats meat.'],
        found: ['The boat is blue.'],
        jobs: [],
        refused: ['ResourceNotFoundException', 404],
      },
    });
    await first.close();
    const wentOn = await run(await engineOf(dataDir), 'memory_langgraph.py', 'go-on', String(begun.id));
    expect(wentOn).toEqual({
      ...graphs('legacy'),
      ...graphs('snapshot'),
      found: [expect.stringContaining('Oslo')],
      got: true,
      unknown: null,
      'of nobody': [],
    });
  },
  2 * DEADLINE_MS,
);
