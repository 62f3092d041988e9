import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCodeInterpreterCommand } from '@aws-sdk/client-bedrock-agentcore';
import { ListGatewaysCommand, ListMemoriesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, onTestFinished, test } from 'vitest';
import { createClients, deadlines } from '../../src/agentcore/clients.ts';
import { explain } from '../../src/agentcore/errors.ts';

/** Clients of an endpoint that answers like this, which give up what should be short after 300 ms. */
async function clientsOf(listener: RequestListener, settings: object = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return createClients({
    backend: 'aws',
    giveUpAfterMs: 300,
    settings: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' },
      requestHandler: deadlines,
      ...settings,
    },
    around: (send) => send(),
  });
}

const list = new ListMemoriesCommand({});
const code = new InvokeCodeInterpreterCommand({
  codeInterpreterIdentifier: 'aws.codeinterpreter.v1',
  name: 'executeCode',
  arguments: { code: '1', language: 'python' },
});
const failureOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  return explain(error, { backend: 'aws' }).details;
};

test.each<[string, RequestListener]>([
  ['does not answer', () => {}],
  ['begins to answer and stands still', (_request, response) => void response.writeHead(200).write('{')],
])('an endpoint that %s is given up in time, in plain words', async (_, listener) => {
  const client = await (await clientsOf(listener)).control('eu-west-1');
  const began = performance.now();
  const details = await failureOf(client.send(list));
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(details).toMatchObject({ code: 'Timeout', message: 'No answer for ListMemories came in time.' });
  expect(details.hint).toMatch(/^Check the network/);
});

test('what runs something may take longer', async () => {
  const silent = await clientsOf(async (_request, response) => {
    await sleep(900);
    response.writeHead(400, { 'x-amzn-errortype': 'ValidationException' }).end('{"message":"late"}');
  });
  const call = (await silent.data('eu-west-1')).send(code);
  expect(await failureOf(call)).toMatchObject({ code: 'Validation', foreign: 'late' });
});

test('a caller that goes away is no time-out', async () => {
  const client = await (await clientsOf(() => {})).control('eu-west-1');
  const gone = new AbortController();
  const call = client.send(list, { abortSignal: gone.signal });
  setTimeout(() => gone.abort(), 50);
  expect(await failureOf(call)).toMatchObject({ code: 'Cancelled' });
});

test("a caller's own deadline is one, for each call that it ends", async () => {
  const client = await (await clientsOf(() => {})).control('eu-west-1');
  const abortSignal = AbortSignal.timeout(50);
  for (const [command, name] of [
    [list, 'ListMemories'],
    [new ListGatewaysCommand({}), 'ListGateways'],
  ] as const)
    expect(await failureOf(client.send(command as typeof list, { abortSignal }))).toMatchObject({
      code: 'Timeout',
      message: `No answer for ${name} came in time.`,
    });
});

test("the HTTP handler's own time limits are told in plain words", async () => {
  const limits = { requestHandler: { ...deadlines, requestTimeout: 50 }, maxAttempts: 1 };
  const client = await (await clientsOf(() => {}, limits)).control('eu-west-1');
  expect((await failureOf(client.send(list))).message).toBe('No answer for ListMemories came in time.');
});
