import * as data from '@aws-sdk/client-bedrock-agentcore';
import * as control from '@aws-sdk/client-bedrock-agentcore-control';
import * as bedrock from '@aws-sdk/client-bedrock-runtime';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as secrets from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../../src/engine/log.ts';
import { agentcore, loadApi } from '../../../src/engine/wire/apis.ts';
import { modelledErrors } from '../../../src/engine/wire/operations.ts';
import { type Model, type Operation, statusOf } from '../../../src/engine/wire/schemas.ts';
import { modelValues } from '../../support/model-values.ts';
import { startWire } from '../../support/wire.ts';

const logged: string[] = [];
let thrown: unknown;
let wire: Awaited<ReturnType<typeof startWire>>;

beforeAll(async () => {
  const fail = async () => {
    throw thrown;
  };
  wire = await startWire(
    { ListABTests: fail, ListGateways: fail },
    {
      bedrock: { Converse: fail },
      logs: { DescribeLogGroups: fail },
      secrets: { ListSecrets: fail },
      log: createLog({ write: (line) => logged.push(line) }),
    },
  );
});

afterAll(() => wire.close());

const apis = {
  bedrock: await loadApi('bedrock'),
  logs: await loadApi('logs'),
  secrets: await loadApi('secrets'),
};
const asked: Readonly<Record<Model, Operation<Model> | undefined>> = {
  data: agentcore.operations.get('ListABTests'),
  control: agentcore.operations.get('ListGateways'),
  bedrock: apis.bedrock.operations.get('Converse'),
  logs: apis.logs.operations.get('DescribeLogGroups'),
  secrets: apis.secrets.operations.get('ListSecrets'),
};
const errors = {
  ...modelledErrors,
  bedrock: apis.bedrock.errors,
  logs: apis.logs.errors,
  secrets: apis.secrets.errors,
};
const sdks = { data, control, bedrock, logs, secrets };

async function failureOf(model: Model): Promise<Record<string, unknown>> {
  return wire.send(asked[model] as Operation<Model>, { modelId: 'a-model' }).catch((error) => error);
}

describe.each(['data', 'control', 'bedrock', 'logs', 'secrets'] as const)('%s', (model) => {
  const classes = sdks[model] as unknown as Record<string, new (init: object) => Error>;

  test.each([...errors[model]])('%s reaches the client with its class and members', async (name, schema) => {
    const ErrorClass = classes[name] as (typeof classes)[string];
    await fc.assert(
      fc.asyncProperty(modelValues(model, schema), async ({ Message: _, ...members }) => {
        thrown = new ErrorClass({ ...members, message: 'why', $metadata: {} });
        const failure = await failureOf(model);
        expect(failure).toBeInstanceOf(ErrorClass);
        expect(failure).toMatchObject({
          ...members,
          message: 'why',
          $metadata: { httpStatusCode: statusOf(schema), requestId: expect.any(String) },
        });
      }),
      { numRuns: 5 },
    );
  });
});

test('an error of one plane thrown on the other keeps its name and status', async () => {
  thrown = new control.ConflictException({ message: 'taken', $metadata: {} });
  expect(await failureOf('data')).toBeInstanceOf(data.ConflictException);
});

test.each([
  ['an Error', new TypeError('secret detail of /some/path')],
  ['a text', 'secret detail'],
  ['nothing', undefined],
])('%s thrown is answered as InternalServerException, with the details in the log only', async (_, what) => {
  thrown = what;
  logged.length = 0;
  const failure = await failureOf('control');
  expect(failure).toBeInstanceOf(control.InternalServerException);
  expect((failure.$metadata as { httpStatusCode: number }).httpStatusCode).toBe(500);
  expect(JSON.stringify([failure, failure.message])).not.toContain('secret detail');
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('ListGateways');
  if (what) expect(logged[0]).toContain('secret detail');
});

test('an error that cannot even be sent ends its own connection only', async () => {
  thrown = Object.defineProperty(new control.ConflictException({ message: 'x', $metadata: {} }), 'message', {
    get() {
      throw new Error('broken');
    },
  });
  await expect(wire.send(asked.control as Operation<Model>, {})).rejects.toThrow();
  thrown = new control.ConflictException({ message: 'fine', $metadata: {} });
  expect(await failureOf('control')).toBeInstanceOf(control.ConflictException);
});

test('an operation without a handler says so, and the SDK does not try again', async () => {
  let requests = 0;
  wire.server.on('request', () => requests++);
  const client = new data.BedrockAgentCoreClient({ ...wire.config, maxAttempts: 3 });
  const failure = await client
    .send(new data.ListActorsCommand({ memoryId: 'memory-0123456789', sessionId: 's' } as never))
    .catch((error) => error);
  client.destroy();
  expect(failure).toMatchObject({
    name: 'NotImplementedException',
    $metadata: { httpStatusCode: 501, attempts: 1 },
  });
  expect(failure.message).toContain('ListActors');
  expect(requests).toBe(1);
});
