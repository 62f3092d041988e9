// node --test, with the engine in the process of the tests.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  BedrockAgentCoreClient,
  GetCodeInterpreterSessionCommand,
  StartCodeInterpreterSessionCommand,
  ThrottlingException,
} from '@aws-sdk/client-bedrock-agentcore';
import { startEngine } from 'agentcore-mcp/engine';

const interpreter = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
let engine;
let client;

before(async () => {
  engine = await startEngine();
  client = new BedrockAgentCoreClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: engine.credentials(),
    maxAttempts: 1,
  });
});
beforeEach(() => engine.reset());
after(async () => {
  client.destroy();
  await engine.close();
});

test('a session expires', async () => {
  const { sessionId } = await client.send(
    new StartCodeInterpreterSessionCommand({ ...interpreter, sessionTimeoutSeconds: 3600 }),
  );
  await engine.clock.advance(3_600_000);
  const { status } = await client.send(new GetCodeInterpreterSessionCommand({ ...interpreter, sessionId }));
  assert.equal(status, 'TERMINATED');
});

test('a throttled call that is not repeated throws', async () => {
  await engine.faults.set([
    { operation: 'StartCodeInterpreterSession', error: 'ThrottlingException', times: 1 },
  ]);
  await assert.rejects(
    client.send(new StartCodeInterpreterSessionCommand(interpreter)),
    (error) => error instanceof ThrottlingException,
  );
  await client.send(new StartCodeInterpreterSessionCommand(interpreter));
});
