import {
  GetCodeInterpreterSessionCommand,
  StartCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  GetCodeInterpreterCommand,
  ListCodeInterpretersCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { describe, expect, test } from 'vitest';
import { identifier, invoke, startSession, unknownId, useEngine } from './support.ts';

/** Refusals come before anything runs, so these need no sandbox. */
describe('what the code interpreter refuses', () => {
  const engine = useEngine();

  test.each([
    [
      'executeCode',
      { language: 'python', code: '1', runtime: 'nodejs' },
      'arguments.runtime',
      /nodejs does not run python/,
    ],
    [
      'executeCode',
      { language: 'typescript', code: '1', runtime: 'python' },
      'arguments.runtime',
      /python does not run typescript/,
    ],
    ['executeCode', { language: 'python' }, 'arguments.code', /arguments\.code/],
    ['executeCode', { code: '1' }, 'arguments.language', /arguments\.language/],
    ['executeCommand', {}, 'arguments.command', /arguments\.command/],
    ['readFiles', {}, 'arguments.paths', /arguments\.paths/],
    ['writeFiles', {}, 'arguments.content', /arguments\.content/],
    ['writeFiles', { content: [{ path: 'a' }] }, 'arguments.content[0]', /exactly one of text and blob/],
    [
      'writeFiles',
      { content: [{ path: 'a', text: 'x', blob: new Uint8Array(1) }] },
      'arguments.content[0]',
      /exactly one of text and blob/,
    ],
    ['removeFiles', {}, 'arguments.paths', /arguments\.paths/],
    ['startCommandExecution', {}, 'arguments.command', /arguments\.command/],
    ['getTask', {}, 'arguments.taskId', /arguments\.taskId/],
    ['stopTask', {}, 'arguments.taskId', /arguments\.taskId/],
  ] as const)('%s %j', async (name, given, member, message) => {
    const refused = invoke(engine.client(), unknownId, name, given as object);
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
      reason: 'FieldValidationFailed',
      fieldList: [{ name: member, message: expect.stringMatching(message) }],
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('a session that is not there', async () => {
    const client = engine.client();
    const notFound = {
      name: 'ResourceNotFoundException',
      message: expect.stringContaining(unknownId),
      $metadata: { httpStatusCode: 404 },
    };
    await expect(invoke(client, unknownId, 'executeCommand', { command: 'ls' })).rejects.toMatchObject(
      notFound,
    );
    const get = new GetCodeInterpreterSessionCommand({
      codeInterpreterIdentifier: identifier,
      sessionId: unknownId,
    });
    await expect(client.send(get)).rejects.toMatchObject(notFound);
  });

  test('an interpreter that is not there', async () => {
    const start = new StartCodeInterpreterSessionCommand({ codeInterpreterIdentifier: 'mine-0123456789' });
    await expect(engine.client().send(start)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringMatching(/mine-0123456789.*aws\.codeinterpreter\.v1/),
    });
  });

  test('mounts, which it would have to ignore', async () => {
    const certificates = [
      {
        location: {
          secretsManager: { secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:a-AbCdEf' },
        },
      },
    ];
    await expect(startSession(engine.client(), { certificates })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('certificates'),
    });
  });

  test.each([0, 28_801])('a time to live of %d seconds', async (sessionTimeoutSeconds) => {
    await expect(startSession(engine.client(), { sessionTimeoutSeconds })).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name: 'sessionTimeoutSeconds' }],
    });
  });
});

describe('where no sandbox can run', () => {
  const engine = useEngine({ python: '/nowhere' });

  test('starting a session is a conflict that says what to do', async () => {
    const conflict = {
      name: 'ConflictException',
      message: expect.stringMatching(/^Code cannot run here: [^.]+\. Run this in a terminal: .+ setup$/),
      $metadata: { httpStatusCode: 409 },
    };
    await expect(startSession(engine.client())).rejects.toMatchObject(conflict);
    const implicit = invoke(engine.client(), undefined, 'executeCommand', { command: 'ls' });
    await expect(implicit).rejects.toMatchObject(conflict);
  });
});

describe('the interpreter of every account', () => {
  const engine = useEngine();
  const control = () => new BedrockAgentCoreControlClient(engine.config());

  test('can be looked at', async () => {
    const get = new GetCodeInterpreterCommand({ codeInterpreterId: identifier });
    expect(await control().send(get)).toMatchObject({
      codeInterpreterId: identifier,
      codeInterpreterArn: `arn:aws:bedrock-agentcore:us-east-1:aws:code-interpreter/${identifier}`,
      name: 'Amazon Bedrock AgentCore Code Interpreter',
      networkConfiguration: { networkMode: 'SANDBOX' },
      status: 'READY',
      createdAt: expect.any(Date),
    });
    const other = control().send(new GetCodeInterpreterCommand({ codeInterpreterId: 'other-0123456789' }));
    await expect(other).rejects.toThrow(ResourceNotFoundException);
  });

  test('is listed, though not among the custom ones', async () => {
    const ids = async (type?: 'SYSTEM' | 'CUSTOM') =>
      (await control().send(new ListCodeInterpretersCommand({ type }))).codeInterpreterSummaries?.map(
        ({ codeInterpreterId }) => codeInterpreterId,
      );
    expect(await ids()).toEqual([identifier]);
    expect(await ids('SYSTEM')).toEqual([identifier]);
    expect(await ids('CUSTOM')).toEqual([]);
  });

  test('is all of its listing: no token leads to a further page', async () => {
    const next = control().send(new ListCodeInterpretersCommand({ nextToken: 'garbage' }));
    await expect(next).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The nextToken was not made by this listing. Start again without one.',
      fieldList: [{ name: 'nextToken' }],
    });
  });
});
