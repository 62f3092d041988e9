import { NormalizedSchema } from '@smithy/core/schema';
import { expect, test } from 'vitest';
import { contentMembers, isSecret } from '../../src/agentcore/api/secrets.ts';
import { listingOperation } from '../../src/agentcore/listing.ts';
import { kindOf, runsSomething } from '../../src/agentcore/operations.ts';
import { type Operation, operations } from '../../src/engine/wire/operations.ts';

const named = (name: string): Operation => {
  const operation = operations.get(name);
  if (!operation) throw new Error(`no operation ${name}`);
  return operation;
};

test('what every operation does is reviewed: a change of the SDK shows here', async () => {
  const table = [...operations.values()].map((operation) => `${kindOf(operation)} ${operation.name}`).sort();
  await expect(`${table.join('\n')}\n`).toMatchFileSnapshot('../fixtures/operation-kinds.txt');
});

test('secrets, tokens, money and whatever runs something are no reads', () => {
  for (const name of [
    'GetResourceApiKey',
    'GetResourceOauth2Token',
    'GetResourcePaymentToken',
    'GetWorkloadAccessToken',
    'GetWorkloadAccessTokenForJWT',
    'GetWorkloadAccessTokenForUserId',
    'GetAgentCard',
    'ProcessPayment',
    'Evaluate',
    'InvokeAgentRuntime',
  ])
    expect(kindOf(named(name)), name).not.toBe('read');
});

test('what runs something is told by name as well, also by that of its SDK command', () => {
  for (const operation of operations.values())
    for (const name of [operation.name, `${operation.name}Command`])
      expect(runsSomething(name), name).toBe(kindOf(operation) === 'execute');
});

test('an unknown operation counts as a write', () => {
  const empty = NormalizedSchema.of('unit');
  const made = (name: string, method = 'POST', input = empty): Operation => ({
    ...named('ListMemories'),
    name,
    method,
    input,
  });
  expect(kindOf(made('FrobnicateMemory'))).toBe('write');
  expect(kindOf(made('Getaway'))).toBe('write');
  expect(kindOf(made('GetThing', 'PUT'))).toBe('write');
  expect(kindOf(made('ListThings', 'DELETE'))).toBe('write');
  expect(kindOf(made('ListThings', 'POST', named('CreateMemory').input))).toBe('write');
});

/** Every member that the SDK marks as sensitive, by name, in all inputs and outputs. */
function sensitiveMembers(): Map<string, NormalizedSchema> {
  const found = new Map<string, NormalizedSchema>();
  const seen = new Set<string>();
  const walk = (schema: NormalizedSchema, name: string): void => {
    if (schema.getMergedTraits().sensitive) found.set(name, schema);
    if (schema.isListSchema() || schema.isMapSchema()) walk(schema.getValueSchema(), name);
    if (!schema.isStructSchema() || seen.has(schema.getName(true) ?? '')) return;
    seen.add(schema.getName(true) ?? '');
    for (const [member, inner] of schema.structIterator()) walk(inner, member);
  };
  for (const { input, output } of operations.values()) for (const schema of [input, output]) walk(schema, '');
  return found;
}

test('every sensitive member is reviewed: either content, or hidden', () => {
  const members = sensitiveMembers();
  const secrets = [...members].filter(([name, schema]) => isSecret(schema, name)).map(([name]) => name);
  expect(secrets.sort()).toMatchInlineSnapshot(`
    [
      "accessToken",
      "additionalHeaderClaims",
      "additionalPayloadClaims",
      "apiKey",
      "apiKeySecret",
      "appSecret",
      "authorizationPrivateKey",
      "authorizationSignature",
      "basicAuthToken",
      "bearerToken",
      "clientSecret",
      "customParameters",
      "environmentVariables",
      "headers",
      "paymentCredential",
      "staticQueryParameters",
      "userToken",
      "walletAuthToken",
      "walletSecret",
      "workloadAccessToken",
      "workloadIdentityToken",
    ]
  `);
  expect([...contentMembers].filter((name) => !members.has(name))).toEqual([]);
});

test.each([
  ['StopCodeInterpreterSession', 'sessionId', 'ListCodeInterpreterSessions'],
  ['InvokeCodeInterpreter', 'sessionId', 'ListCodeInterpreterSessions'],
  ['InvokeCodeInterpreter', 'codeInterpreterIdentifier', 'ListCodeInterpreters'],
  ['GetGatewayTarget', 'targetId', 'ListGatewayTargets'],
  ['DeleteEvent', 'sessionId', 'ListSessions'],
  ['DeleteCapacityProviderSession', 'sessionId', undefined],
  ['GetRegistry', 'registryId', 'ListRegistries'],
  ['GetHarness', 'harnessId', 'ListHarnesses'],
  ['DeleteApiKeyCredentialProvider', 'name', 'ListApiKeyCredentialProviders'],
  ['InvokeAgentRuntime', 'agentRuntimeArn', 'ListAgentRuntimes'],
  ['InvokeAgentRuntime', 'traceId', undefined],
])('ids of %s.%s are listed by %s', (operation, member, listing) => {
  expect(listingOperation(named(operation), member)).toBe(listing);
});
