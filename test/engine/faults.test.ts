import {
  ListCodeInterpreterSessionsCommand,
  ResourceNotFoundException,
  StopCodeInterpreterSessionCommand,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  GetCodeInterpreterCommand,
  ListCodeInterpretersCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Engine, startEngine } from '../../src/engine/index.ts';
import { dataClient } from '../support/engine.ts';

const interpreter = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
const list = new ListCodeInterpreterSessionsCommand(interpreter);
const stop = new StopCodeInterpreterSessionCommand({
  ...interpreter,
  sessionId: '01AAAAAAAAAAAAAAAAAAAAAAAA',
});

/** What a call fails with. */
const failureOf = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => expect.unreachable('The call succeeded.'),
    (error) => error,
  );

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.close());
beforeEach(() => engine.faults.clear());

test('an error is the SDK’s typed exception, for as many calls as the rule says', async () => {
  const client = dataClient(engine);
  const rule = { operation: 'ListCodeInterpreterSessions', error: 'ThrottlingException' };
  await engine.faults.set([{ ...rule, message: 'Slow down.', after: 1, times: 2 }]);
  await client.send(list);
  for (let call = 0; call < 2; call++) {
    const failure = await failureOf(client.send(list));
    expect(failure).toBeInstanceOf(ThrottlingException);
    expect(failure.message).toBe('Slow down.');
  }
  await client.send(list);
  expect(engine.faults.list()).toEqual([{ ...rule, message: 'Slow down.', after: 1, times: 2, struck: 2 }]);
});

test('an SDK repeats what is throttled once, by itself', async () => {
  const client = new BedrockAgentCoreControlClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: engine.credentials(),
  });
  onTestFinished(() => client.destroy());
  await engine.faults.set([{ operation: 'GetCodeInterpreter', error: 'ThrottlingException', times: 1 }]);
  const { $metadata } = await client.send(
    new GetCodeInterpreterCommand({ codeInterpreterId: 'aws.codeinterpreter.v1' }),
  );
  expect($metadata.attempts).toBe(2);
  await engine.faults.set([{ operation: '*', error: 'ValidationException' }]);
  const failure = await failureOf(client.send(new ListCodeInterpretersCommand({})));
  expect(failure.name).toBe('ValidationException');
});

test('a rule for all operations strikes those that have its error, of every API', async () => {
  const logs = new CloudWatchLogsClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: engine.credentials(),
    maxAttempts: 1,
  });
  onTestFinished(() => logs.destroy());
  const client = dataClient(engine);
  await engine.faults.set([{ operation: '*', error: 'ThrottlingException' }]);
  expect((await failureOf(logs.send(new DescribeLogGroupsCommand({})))).name).toBe('ThrottlingException');
  expect(await failureOf(client.send(list))).toBeInstanceOf(ThrottlingException);
  await engine.faults.set([{ operation: '*', error: 'InvalidParameterException' }]);
  expect((await failureOf(logs.send(new DescribeLogGroupsCommand({})))).name).toBe(
    'InvalidParameterException',
  );
  await client.send(list);
});

test('the first rule that strikes counts; an error with a reason has one', async () => {
  const client = dataClient(engine);
  const operation = 'ListCodeInterpreterSessions';
  await engine.faults.set([
    { operation, error: 'ValidationException', times: 1 },
    { operation, error: 'ResourceNotFoundException', probability: 1 },
  ]);
  const first = await failureOf(client.send(list));
  expect(first).toBeInstanceOf(ValidationException);
  expect((first as ValidationException).reason).toBe('FieldValidationFailed');
  expect(await failureOf(client.send(list))).toBeInstanceOf(ResourceNotFoundException);
});

test('a delay ends with its call, and with its rule; the call goes on then', async () => {
  const client = dataClient(engine);
  const hour = { operation: 'StopCodeInterpreterSession', delayMs: 3_600_000 };
  const struck = async (times: number) => {
    while (engine.faults.list()[0]?.struck !== times) await new Promise((resolve) => setImmediate(resolve));
  };
  await engine.faults.set([hour]);
  const gone = new AbortController();
  const left = failureOf(client.send(stop, { abortSignal: gone.signal }));
  await struck(1);
  gone.abort();
  expect((await left).name).toBe('AbortError');
  const waiting = failureOf(client.send(stop));
  await struck(2);
  engine.faults.clear();
  expect(await waiting).toBeInstanceOf(ResourceNotFoundException);
});

test('rules that cannot be followed are refused, and those that stand stay', async () => {
  const standing = { operation: '*', delayMs: 1 };
  await engine.faults.set([standing]);
  const operation = 'InvokeCodeInterpreter';
  const cases: [unknown, RegExp][] = [
    [[{ operation: 'InvokeCodeInterpretr', delayMs: 1 }], /\[0\]\.operation.*mean InvokeCodeInterpreter\?/],
    [
      [{ operation: 'GetGateway', delayMs: 1 }],
      /no operation of this engine\. There are .*InvokeAgentRuntime,/,
    ],
    [[standing, { operation, error: 'Throttling' }], /\[1\]\.error.*Did you mean ThrottlingException\?/],
    [
      [{ operation, error: 'NoSuchKey' }],
      /no error of InvokeCodeInterpreter\. There are AccessDeniedException,/,
    ],
    [[{ operation }], /needs an error, a delayMs, or both/],
    [[{ operation, delayMs: 1, message: 'x' }], /a message goes with an error/],
    [[{ operation, delayMs: 3_600_001 }], /\[0\]\.delayMs/],
    [[{ operation, delayMs: 1, times: 0 }], /\[0\]\.times/],
    [[{ operation, delayMs: 1, probability: 0 }], /\[0\]\.probability/],
    [[{ operation, delay: 1 }], /"delay"/],
    [{ operation, delayMs: 1 }, /the list/],
  ];
  for (const [rules, reason] of cases) {
    await expect(engine.faults.set(rules as []), String(reason)).rejects.toThrow(reason);
  }
  expect(engine.faults.list()).toEqual([{ ...standing, struck: 0 }]);
});
