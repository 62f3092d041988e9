import {
  type BedrockAgentCoreClient,
  CreateEventCommand,
  ListMemoryExtractionJobsCommand,
  paginateListMemoryRecords,
} from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import { dataClient, ensured, runs, started, until } from '../../../../support/engine.ts';
import { temporaryDir } from '../../../../support/temporary.ts';

const memoryId = 'default_memory-0000000000';
const turns: [actor: string, session: string, text: string][] = [
  ['anna', 'a1', 'My name is Anna and I live in Berlin. I work as a nurse.'],
  ['ben', 'b1', 'I am allergic to peanuts. My daughter is called Mia.'],
  ['anna', 'a1', 'I prefer tea over coffee, and I love hiking.'],
  ['ben', 'b1', 'I play the cello in an orchestra.'],
  ['anna', 'a2', 'My brother owns a bakery in Lisbon.'],
  ['ben', 'b2', 'I drive an old Volvo. I hate long meetings.'],
  ['anna', 'a2', 'My favourite colour is green.'],
  ['ben', 'b2', 'My dentist is Doctor Okafor.'],
];

test('an engine that is killed again and again while it learns has learned the same', {
  timeout: 120_000,
}, async () => {
  const calm = dataClient(await started());
  await tell(calm);
  await learned(calm);

  const dataDir = temporaryDir();
  let engine = await ensured(dataDir);
  let client = dataClient(engine);
  await tell(client);
  for (const left of [11, 7, 3]) {
    await expect.poll(() => pending(client), { timeout: 20_000, interval: 5 }).toBeLessThanOrEqual(left);
    console.log(Date.now(), 'kill', await pending(client));
    process.kill(engine.pid, 'SIGKILL');
    await until(() => !runs(engine.pid));
    engine = await ensured(dataDir);
    client = dataClient(engine);
    console.log(Date.now(), 'again');
  }
  await learned(client);
  const expected = await records(calm);
  expect(expected.length).toBeGreaterThan(turns.length);
  expect(await records(client)).toEqual(expected);
});

async function tell(client: BedrockAgentCoreClient): Promise<void> {
  for (const [index, [actorId, sessionId, text]] of turns.entries()) {
    const payload = [{ conversational: { role: 'USER', content: { text } } } as const];
    const eventTimestamp = new Date(1_700_000_000_000 + index * 1_000);
    await client.send(new CreateEventCommand({ memoryId, actorId, sessionId, eventTimestamp, payload }));
  }
}

const learned = (client: BedrockAgentCoreClient) =>
  expect.poll(() => pending(client), { timeout: 60_000 }).toBe(0);

/** As a header of the answer tells. */
async function pending(client: BedrockAgentCoreClient): Promise<number> {
  let left: number | undefined;
  const command = new ListMemoryExtractionJobsCommand({ memoryId });
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const { headers } = result.response as { headers: Record<string, string> };
      left = Number(headers['x-agentcore-mcp-pending']);
      return result;
    },
    { step: 'deserialize' },
  );
  const { jobs } = await client.send(command);
  expect(jobs).toEqual([]);
  return left as number;
}

async function records(client: BedrockAgentCoreClient): Promise<string[]> {
  const found: string[] = [];
  for await (const page of paginateListMemoryRecords({ client }, { memoryId, namespacePath: '/strategies/' }))
    for (const { namespaces, content } of page.memoryRecordSummaries ?? [])
      found.push(`${namespaces?.[0]} ${content?.text}`);
  return found.sort();
}
