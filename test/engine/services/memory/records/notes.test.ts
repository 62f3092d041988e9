import {
  BatchCreateMemoryRecordsCommand,
  type BedrockAgentCoreClient,
  RetrieveMemoryRecordsCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { expect, test } from 'vitest';
import { started } from '../../../../support/engine.ts';
import { clientOf } from '../../code-interpreter/support.ts';

const memoryId = 'default_memory-0000000000';

async function write(client: BedrockAgentCoreClient, text: string): Promise<void> {
  const record = {
    ...{ requestIdentifier: 'one', namespaces: ['/all'], content: { text }, timestamp: new Date() },
  };
  await client.send(new BatchCreateMemoryRecordsCommand({ memoryId, records: [record] }));
}

/** What is found, and the note that came with it. */
async function ask(client: BedrockAgentCoreClient, searchQuery: string) {
  const command = new RetrieveMemoryRecordsCommand({
    memoryId,
    namespace: '/all',
    searchCriteria: { searchQuery },
  });
  let note: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      note = (answer.response as { headers: Record<string, string> }).headers['x-agentcore-mcp-note'];
      return answer;
    },
    { step: 'deserialize' },
  );
  const { memoryRecordSummaries = [] } = await client.send(command);
  return { texts: memoryRecordSummaries.map(({ content }) => content?.text), note };
}

test('an answer tells of a language that the embedding model does not know', async () => {
  const client = clientOf(await started({ embedding: { provider: 'local', model: 'english' } }));
  await write(client, '王芳最喜欢喝绿茶。');
  const chinese = await ask(client, '谁喜欢喝绿茶？');
  expect(chinese.texts).toEqual(['王芳最喜欢喝绿茶。']);
  expect(chinese.note).toMatch(
    /Universal Sentence Encoder lite \(English only\), does not know Chinese; .*--embedding-url/,
  );
  expect((await ask(client, 'What does she like to drink?')).note).toBeUndefined();
});

test('without its embedding model, an engine finds records by their words, also after a reset', async () => {
  const embedding = { provider: 'openai', url: 'http://127.0.0.1:9/v1', model: 'none' } as const;
  const engine = await started({ embedding });
  const client = clientOf(engine);
  await write(client, 'The office is in Leipzig.');
  const { texts, note } = await ask(client, 'Which office?');
  expect(texts).toEqual(['The office is in Leipzig.']);
  expect(note).toMatch(/^Records were found by words only, not by meaning: .*127\.0\.0\.1:9/);
  await engine.reset();
  expect(await ask(client, 'Which office?')).toMatchObject({ texts: [] });
  await write(client, 'The office is in Dresden.');
  expect((await ask(client, 'Which office?')).texts).toEqual(['The office is in Dresden.']);
});
