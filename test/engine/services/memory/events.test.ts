import { ListEventsCommand } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, test } from 'vitest';
import { useEngine } from '../code-interpreter/support.ts';
import { newEvent, newMemory, said } from './support.ts';

const engine = useEngine();
const control = () => new BedrockAgentCoreControlClient(engine.config());

test('events are listed newest first', async () => {
  const { id } = await newMemory(control(), 'listed');
  const client = engine.client();
  for (let n = 0; n < 5; n++) await newEvent(client, id, [said(`message ${n}`)]);
  const { events = [], nextToken } = await client.send(
    new ListEventsCommand({ memoryId: id, actorId: 'anna', sessionId: 'one', maxResults: 3 }),
  );
  expect(events.map(({ payload }) => payload?.[0]?.conversational?.content?.text)).toEqual([
    'message 4',
    'message 3',
    'message 2',
  ]);
  const next = await client.send(
    new ListEventsCommand({ memoryId: id, actorId: 'anna', sessionId: 'one', nextToken }),
  );
  expect(next.events).toHaveLength(2);
  expect(next.nextToken).toBeUndefined();
});
