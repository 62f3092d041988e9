import type { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadApi } from '../../../src/engine/wire/apis.ts';
import document from '../../../src/engine/wire/constraints.json' with { type: 'json' };
import { type Constraint, constraintOf, matches } from '../../../src/engine/wire/constraints.ts';
import { operations } from '../../../src/engine/wire/operations.ts';
import { type Model, type Operation, requiredMembers } from '../../../src/engine/wire/schemas.ts';
import { MAX_FIELD_ERRORS, validate } from '../../../src/engine/wire/validate.ts';
import { ANSWERED } from '../../support/answered.ts';
import { modelValues, textsMatching } from '../../support/model-values.ts';

type Values = Record<string, unknown>;
type StoredModel = { shapes: Record<string, Constraint>; structures: Record<string, Record<string, string>> };

const models = document as unknown as Record<Model, StoredModel>;
const names = ['data', 'control', 'bedrock', 'logs', 'secrets'] as const;

async function answeredBy(api: keyof typeof ANSWERED): Promise<Operation<Model>[]> {
  const known = (await loadApi(api)).operations;
  return ANSWERED[api].map((name) => known.get(name) as Operation<Model>);
}

const all: readonly Operation<Model>[] = [
  ...operations.values(),
  ...(await answeredBy('bedrock')),
  ...(await answeredBy('logs')),
  ...(await answeredBy('secrets')),
];

function structuresOf(model: Model): Map<string, NormalizedSchema> {
  const found = new Map<string, NormalizedSchema>();
  const visit = (schema: NormalizedSchema) => {
    if (schema.isListSchema() || schema.isMapSchema()) visit(schema.getValueSchema());
    const name = schema.getName() ?? '';
    if (!schema.isStructSchema() || found.has(name)) return;
    found.set(name, schema);
    for (const [, member] of schema.structIterator()) visit(member);
  };
  for (const operation of all) {
    if (operation.plane !== model) continue;
    visit(operation.input);
    visit(operation.output);
  }
  return found;
}

describe.each(names)('%s', (model) => {
  test('every constrained structure and member is one of the SDK', () => {
    const structures = structuresOf(model);
    const strangers = Object.entries(models[model].structures).flatMap(([name, members]) => {
      const known = structures.get(name)?.getMemberSchemas();
      return Object.keys(members)
        .filter((member) => !known?.[member])
        .map((member) => `${name}.${member}`);
    });
    expect(strangers).toEqual([]);
  });

  test('most structures with texts or numbers of the SDK are constrained', () => {
    expect(Object.keys(models[model].structures).length).toBeGreaterThan(structuresOf(model).size / 2);
  });

  const patterned = Object.entries(models[model].shapes).filter(([, { pattern }]) => pattern !== undefined);

  test.each(patterned)('%s: a hostile text is answered at once', (_, { pattern = '', max }) => {
    const length = Math.min(max ?? 100_000, 131_072);
    const starts = ['', ...fc.sample(textsMatching(pattern), 4)];
    const began = performance.now();
    for (const start of starts) {
      for (const unit of ['a', '0', '-', '/', '.', 'a-', 'a.', 'a:', ' ']) {
        matches(
          pattern,
          `${start.slice(0, start.length / 2)}${unit.repeat(length / unit.length)}`.slice(0, length - 1) +
            '\n',
        );
      }
    }
    // Linear or not: the worst of them takes some 50 ms, a pattern that backtracks takes minutes.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

test('the rewritten token pattern accepts what the original does', () => {
  const original = /^(?:[A-Za-z0-9-_=]+.[A-Za-z0-9-_=]+.[A-Za-z0-9-_=]+)$/u;
  const { pattern = '' } = constraintOf('data', 'UserIdentifier', 'userToken') ?? {};
  const text = fc.string({
    unit: fc.constantFrom('a', 'B', '_', '=', '.', ' ', '\n', '\u2028', 'é', '😀'),
    maxLength: 9,
  });
  fc.assert(
    fc.property(text, (token) => matches(pattern, token) === original.test(token)),
    { numRuns: 20_000 },
  );
});

test.each<[Model, string, string, Constraint | undefined]>([
  [
    'data',
    'StartCodeInterpreterSessionRequest',
    'sessionTimeoutSeconds',
    { min: 1, max: 28_800, integer: true },
  ],
  ['data', 'StartCodeInterpreterSessionRequest', 'name', { min: 1, max: 100 }],
  [
    'data',
    'InvokeCodeInterpreterRequest',
    'name',
    { enum: expect.arrayContaining(['executeCode', 'readFiles']) },
  ],
  ['data', 'InvokeCodeInterpreterRequest', 'no such member', undefined],
  ['data', 'NoSuchStructure', 'name', undefined],
  ['bedrock', 'InferenceConfiguration', 'temperature', { min: 0, max: 1 }],
  ['bedrock', 'ConverseRequest', 'modelId', { min: 1, max: 2048, pattern: expect.any(String) }],
  ['logs', 'PutLogEventsRequest', 'logEvents', { min: 1, max: 10_000 }],
  ['logs', 'GetLogEventsRequest', 'limit', { min: 1, max: 10_000, integer: true }],
  ['data', '__proto__', 'toString', undefined],
  ['control', 'GatewayApiKeyCredentialProvider', 'providerArn', { pattern: expect.stringContaining('arn:') }],
  [
    'control',
    'UntagResourceRequest',
    'tagKeys',
    { min: 0, max: 200, member: expect.objectContaining({ min: 1, max: 128 }) },
  ],
])('%s %s.%s', (model, structure, member, expected) => {
  if (expected) expect(constraintOf(model, structure, member)).toMatchObject(expected);
  else expect(constraintOf(model, structure, member)).toBeUndefined();
});

/** One value changed so that exactly its member breaks its constraint. */
interface Violation {
  name: string;
  break(input: Values): void;
}

function violationsOf({ plane, input }: Operation<Model>): Violation[] {
  return [...input.structIterator()].flatMap(([name, schema]): Violation[] => {
    const constraint = constraintOf(plane, input.getName() ?? '', name) ?? {};
    const set = (value: unknown) => ({
      name,
      break: (values: Values) => {
        values[name] = value;
      },
    });
    const broken: Violation[] = [];
    if (requiredMembers(input).includes(name)) broken.push(set(undefined));
    if (schema.isStringSchema()) {
      if (constraint.enum) broken.push(set('no such value'));
      if (constraint.pattern !== undefined && !matches(constraint.pattern, '\u0000'))
        broken.push(set('\u0000'));
      if (constraint.min) broken.push(set('x'.repeat(constraint.min - 1)));
      if (constraint.max && constraint.max < 1e6) broken.push(set('x'.repeat(constraint.max + 1)));
    } else if (schema.isNumericSchema()) {
      if (constraint.min !== undefined) broken.push(set(constraint.min - 1));
      if (constraint.max !== undefined) broken.push(set(constraint.max + 1));
      if (constraint.integer) broken.push(set(1.5));
    } else if (schema.isListSchema() && constraint.min) {
      broken.push(set([]));
    }
    return broken;
  });
}

describe('validate', () => {
  test.each(all)('$plane $name: what the model allows passes, each violation is named', (operation) => {
    const violations = violationsOf(operation);
    fc.assert(
      fc.property(modelValues(operation.plane, operation.input), (input) => {
        expect(validate(operation, input)).toEqual([]);
        for (const violation of violations) {
          const changed = { ...input };
          violation.break(changed);
          expect(validate(operation, changed)).toEqual([
            { name: violation.name, message: expect.any(String) },
          ]);
        }
      }),
      { numRuns: 3 },
    );
  });

  const start = operations.get('StartCodeInterpreterSession') as Operation;
  const valid = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };

  test('the boundaries themselves are allowed', () => {
    for (const sessionTimeoutSeconds of [1, 28_800])
      expect(validate(start, { ...valid, sessionTimeoutSeconds })).toEqual([]);
    for (const length of [1, 100])
      expect(validate(start, { ...valid, name: 'x'.repeat(length) })).toEqual([]);
  });

  test('a length counts characters, not code units', () => {
    expect(validate(start, { ...valid, name: '😀'.repeat(100) })).toEqual([]);
    expect(validate(start, { ...valid, name: '😀'.repeat(101) })).toHaveLength(1);
  });

  test('a union needs exactly one member', () => {
    const certificates = (location: object) => ({ ...valid, certificates: [{ location }] });
    const secretsManager = { secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x' };
    expect(validate(start, certificates({ secretsManager }))).toEqual([]);
    expect(validate(start, certificates({}))[0]?.name).toBe('certificates[0].location');
  });

  test('members inside lists and maps are named by their place', () => {
    const tag = operations.get('TagResource') as Operation;
    const resourceArn = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/name-0123456789';
    const errors = validate(tag, {
      resourceArn,
      tags: { ok: 'ok', 'b\u0000d': 'ok', long: 'x'.repeat(257) },
    });
    expect(errors.map(({ name }) => name)).toEqual(['tags["b\\u0000d"]', 'tags["long"]']);
  });

  test('a sensitive value is not repeated', () => {
    const operation = operations.get('GetWorkloadAccessTokenForJWT') as Operation;
    const errors = validate(operation, { workloadName: 'name', userToken: 'secret token!' });
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toContain('secret token!');
  });

  test('the list of problems is capped', () => {
    const tag = operations.get('TagResource') as Operation;
    const tags = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, '\u0000']));
    expect(validate(tag, { resourceArn: 'x', tags })).toHaveLength(MAX_FIELD_ERRORS);
  });
});
