import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadApi } from '../../../src/engine/wire/apis.ts';
import { operations } from '../../../src/engine/wire/operations.ts';
import type { Model, Operation } from '../../../src/engine/wire/schemas.ts';
import { ANSWERED } from '../../support/answered.ts';
import { modelValues } from '../../support/model-values.ts';
import { ACCOUNT, REGION, startWire, type TestHandler } from '../../support/wire.ts';

type Values = Record<string, unknown>;
type Streamed = [name: string, schema: NormalizedSchema];

const RUNS = 5;

/** What each operation is asked next, and what it then answers. */
const seen = new Map<string, Values>();
const answers = new Map<string, Values>();
let wire: Awaited<ReturnType<typeof startWire>>;

const answering = (names: Iterable<string>): Record<string, TestHandler> =>
  Object.fromEntries(
    [...names].map((name): [string, TestHandler] => [
      name,
      async (input, { account, region }) => {
        expect({ account, region }).toEqual({ account: ACCOUNT, region: REGION });
        seen.set(name, input);
        return answers.get(name);
      },
    ]),
  );

beforeAll(async () => {
  wire = await startWire(answering(operations.keys()), {
    bedrock: answering(ANSWERED.bedrock),
    logs: answering(ANSWERED.logs),
    secrets: answering(ANSWERED.secrets),
  });
});

const bedrock = await loadApi('bedrock');
const logs = await loadApi('logs');
const secrets = await loadApi('secrets');
const all: readonly Operation<Model>[] = [
  ...operations.values(),
  ...ANSWERED.bedrock.map((name) => bedrock.operations.get(name) as Operation<Model>),
  ...ANSWERED.logs.map((name) => logs.operations.get(name) as Operation<Model>),
  ...ANSWERED.secrets.map((name) => secrets.operations.get(name) as Operation<Model>),
];

afterAll(() => wire.close());

/** Buffers and byte arrays compare by content; a member that is null or undefined counts as absent. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, plain(member)]),
  );
}

function expectSame(actual: unknown, expected: unknown) {
  if (!isDeepStrictEqual(plain(actual), plain(expected))) expect(plain(actual)).toEqual(plain(expected));
}

function streamedMember(schema: NormalizedSchema): Streamed | undefined {
  return [...schema.structIterator()].find(([, member]) => member.isStreaming());
}

describe.each(['data', 'control', 'bedrock', 'logs', 'secrets'] as const)('%s', (plane) => {
  test.each(all.filter((operation) => operation.plane === plane))('$name', async (operation) => {
    const streamed = streamedMember(operation.output);
    const parts = streamed ? streamParts(streamed) : fc.constant<unknown[]>([]);
    await fc.assert(
      fc.asyncProperty(
        modelValues(plane, operation.input),
        modelValues(plane, operation.output),
        parts,
        async (input, output, sent) => {
          const stream = streamed && { [streamed[0]]: Readable.from(sent) };
          answers.set(operation.name, { ...output, ...stream });
          const { $metadata, ...received } = await wire.send(operation, input);

          // Where the caller names no content type, the SDK does, and the wire passes it on.
          const asked = { ...seen.get(operation.name) };
          if (!input.contentType) asked.contentType = input.contentType;
          expectSame(asked, input);
          if (streamed) {
            expectSame(
              await collect(received[streamed[0]] as AsyncIterable<unknown>, streamed),
              joined(sent, streamed),
            );
            delete received[streamed[0]];
          }
          // An empty payload is none to the SDK.
          if (received.body === null) received.body = new Uint8Array();
          expectSame(received, output);
          const statusMember = [...operation.output.structIterator()].find(
            ([, member]) => member.getMergedTraits().httpResponseCode,
          );
          const status = (statusMember && output[statusMember[0]]) ?? operation.status;
          expect($metadata).toMatchObject({
            httpStatusCode: status,
            requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          });
        },
      ),
      { numRuns: RUNS },
    );
  });

  /** Events of a union but its errors, or chunks of bytes. */
  function streamParts([, schema]: Streamed): fc.Arbitrary<unknown[]> {
    if (!schema.isUnionSchema()) return fc.array(fc.uint8Array({ minLength: 1 }), { maxLength: 4 });
    const events = modelValues(plane, schema).filter(
      (event) => !Object.keys(event).some((name) => schema.getMemberSchema(name).getMergedTraits().error),
    );
    return fc.array(events, { maxLength: 4 });
  }
});

async function collect(stream: AsyncIterable<unknown>, [, schema]: Streamed): Promise<unknown> {
  const parts: unknown[] = [];
  for await (const part of stream) parts.push(part);
  return schema.isUnionSchema() ? parts : Buffer.concat(parts as Uint8Array[]);
}

function joined(parts: unknown[], [, schema]: Streamed): unknown {
  return schema.isUnionSchema() ? parts : Buffer.concat(parts as Uint8Array[]);
}
