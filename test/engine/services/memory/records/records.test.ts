import {
  BatchCreateMemoryRecordsCommand,
  RetrieveMemoryRecordsCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, test } from 'vitest';
import { useEngine } from '../../code-interpreter/support.ts';
import { newMemory } from '../support.ts';

const engine = useEngine();
const control = () => new BedrockAgentCoreControlClient(engine.config());

test('records are found by meaning', async () => {
  const { id: memoryId } = await newMemory(control(), 'meaning');
  const client = engine.client();
  const texts = ['Anna is a vegetarian.', 'Anna drives an old car.', 'The capital of France is Paris.'];
  const { successfulRecords = [] } = await client.send(
    new BatchCreateMemoryRecordsCommand({
      memoryId,
      records: texts.map((text, i) => ({
        ...{
          requestIdentifier: `r${i}`,
          namespaces: ['/actors/anna'],
          content: { text },
          timestamp: new Date(),
        },
      })),
    }),
  );
  expect(successfulRecords).toHaveLength(3);
  const answer = await client.send(
    new RetrieveMemoryRecordsCommand({
      memoryId,
      namespacePath: '/actors',
      searchCriteria: { searchQuery: 'Does she eat meat?' },
    }),
  );
  expect(answer.memoryRecordSummaries?.[0]?.content?.text).toBe(texts[0]);
});
