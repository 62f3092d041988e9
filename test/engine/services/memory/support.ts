import {
  type BedrockAgentCoreClient,
  CreateEventCommand,
  type CreateEventCommandInput,
  type Event,
  type PayloadType,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  type BedrockAgentCoreControlClient,
  CreateMemoryCommand,
  type CreateMemoryCommandInput,
  type Memory,
} from '@aws-sdk/client-bedrock-agentcore-control';

/** A new memory that keeps events for a month. */
export async function newMemory(
  control: BedrockAgentCoreControlClient,
  name: string,
  input: Partial<CreateMemoryCommandInput> = {},
): Promise<Memory & { id: string }> {
  const { memory } = await control.send(new CreateMemoryCommand({ name, eventExpiryDuration: 30, ...input }));
  return memory as Memory & { id: string };
}

export const said = (text: string, role: 'USER' | 'ASSISTANT' = 'USER'): PayloadType => ({
  conversational: { role, content: { text } },
});

/** An event of anna in one session, unless told otherwise. */
export async function newEvent(
  client: BedrockAgentCoreClient,
  memoryId: string,
  payload: PayloadType[],
  input: Partial<CreateEventCommandInput> = {},
): Promise<Event & { eventId: string; eventTimestamp: Date }> {
  const { event } = await client.send(
    new CreateEventCommand({
      ...{ memoryId, actorId: 'anna', sessionId: 'one', payload, eventTimestamp: new Date() },
      ...input,
    }),
  );
  return event as Event & { eventId: string; eventTimestamp: Date };
}
