import * as data from '@aws-sdk/client-bedrock-agentcore';
import * as control from '@aws-sdk/client-bedrock-agentcore-control';
import * as bedrock from '@aws-sdk/client-bedrock-runtime';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as secrets from '@aws-sdk/client-secrets-manager';
import fc, { type Arbitrary } from 'fast-check';
import { apiForms, loadApi } from '../../src/engine/wire/apis.ts';
import { operations } from '../../src/engine/wire/operations.ts';
import type { Model, Operation } from '../../src/engine/wire/schemas.ts';
import { ANSWERED } from '../support/answered.ts';
import { modelValues } from '../support/model-values.ts';
import { bytesOf, type RawRequest, signedFor } from '../support/signed-http.ts';
import { ACCOUNT, REGION, SECRET } from '../support/wire.ts';
import { bodyJunk, headerJunk, jsonJunk, pathJunk, queryJunk, tokens } from './wire-junk.ts';

/** A malformed request, ready for the socket. */
export type Malformed = (port: number) => Promise<Uint8Array>;

/** What a client is asked for. */
export interface Wish {
  operation: Operation<Model>;
  input: object;
}

/** A request for an API. */
export type ApiRequest = RawRequest & { service: string };

/** Every operation of AgentCore, and what may be answered of the other APIs. */
export const everyOperation: readonly Operation<Model>[] = [
  ...operations.values(),
  ...(await named('bedrock')),
  ...(await named('logs')),
  ...(await named('secrets')),
];

async function named(api: keyof typeof ANSWERED): Promise<Operation<Model>[]> {
  const all = (await loadApi(api)).operations;
  return ANSWERED[api].map((name) => all.get(name) as Operation<Model>);
}

/** Requests as the SDK clients send them, for operations chosen at random, signed now. */
export function validRequests(port: number, count: number, seed: number): Promise<ApiRequest[]> {
  const agentcore = fc.constantFrom(...operations.values());
  const others = fc.constantFrom(...everyOperation.slice(operations.size));
  const wishes = fc
    .oneof({ weight: 2, arbitrary: agentcore }, others)
    .chain((operation) =>
      modelValues(operation.plane, operation.input).map((input) => ({ operation, input })),
    );
  return requestsFor(port, fc.sample(wishes, { numRuns: count, seed }));
}

/** Requests as the SDK clients send them, signed now. */
export async function requestsFor(port: number, wishes: readonly Wish[]): Promise<ApiRequest[]> {
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: SECRET },
  };
  const agentcore = new data.BedrockAgentCoreClient(config);
  // Over HTTP/1, which can be written down.
  const { requestHandler } = agentcore.config;
  const clients = {
    data: agentcore,
    control: new control.BedrockAgentCoreControlClient(config),
    bedrock: new bedrock.BedrockRuntimeClient({ ...config, requestHandler }),
    logs: new logs.CloudWatchLogsClient(config),
    secrets: new secrets.SecretsManagerClient(config),
  };
  const requests: ApiRequest[] = [];
  for (const { operation, input } of wishes) {
    requests.push(await captured(clients[operation.plane] as data.BedrockAgentCoreClient, operation, input));
  }
  return requests;
}

interface SdkRequest {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  body?: Uint8Array | string;
}

const sdks = { data, control, bedrock, logs, secrets };

/** The request a client would send, taken from it just before it goes out. */
async function captured(
  client: data.BedrockAgentCoreClient,
  { name, plane }: Operation<Model>,
  input: object,
): Promise<ApiRequest> {
  const Command = sdks[plane][`${name}Command` as never] as new (input: object) => data.ListABTestsCommand;
  const command = new Command(input);
  let request: SdkRequest | undefined;
  command.middlewareStack.add(
    (_next) => async (args) => {
      request = args.request as SdkRequest;
      return { response: {}, output: { $metadata: {} } as data.ListABTestsCommandOutput };
    },
    { step: 'deserialize', priority: 'high' },
  );
  await client.send(command);
  if (!request) throw new Error(`${name} made no request.`);
  const query = Object.entries(request.query)
    .flatMap(([key, values]) =>
      [values].flat().map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`),
    )
    .join('&');
  const { signingName } = apiForms[plane === 'data' || plane === 'control' ? 'agentcore' : plane];
  return {
    service: signingName,
    method: request.method,
    target: query ? `${request.path}?${query}` : request.path,
    headers: request.headers,
    body: bytes(request.body),
  };
}

function bytes(body: Uint8Array | string = ''): Buffer {
  return typeof body === 'string'
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** Malformed requests made from valid ones: damaged as bytes, or damaged in content and signed all the same. */
export function malformedRequests(valid: readonly ApiRequest[]): Arbitrary<Malformed> {
  const base = fc.constantFrom(...valid);
  const damagedBytes = fc.tuple(base, fc.array(byteChanges(valid), { minLength: 1, maxLength: 3 })).map(
    ([request, changes]): Malformed =>
      async () =>
        changes.reduce((bytes, change) => change(bytes), bytesOf(request)),
  );
  const damagedContent = fc.tuple(base, fc.array(contentChanges, { minLength: 1, maxLength: 2 })).map(
    ([request, changes]): Malformed =>
      async (port) => {
        const { service, method, target, body } = request;
        const { 'content-type': type = 'application/json', 'x-amz-target': asked } = request.headers;
        const headers = { 'content-type': type, ...(asked && { 'x-amz-target': asked }) };
        return bytesOf(
          await signedFor(
            service,
            port,
            changes.reduce<RawRequest>((next, change) => change(next), { method, target, body, headers }),
          ),
        );
      },
  );
  return fc.oneof(damagedBytes, damagedContent);
}

type ByteChange = (bytes: Buffer) => Buffer;

function byteChanges(valid: readonly RawRequest[]): Arbitrary<ByteChange> {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 16 }),
    fc.constantFrom(...tokens).map((token) => Buffer.from(token)),
  );
  return fc.oneof(
    fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([at, mask]) => (bytes: Buffer) => {
      const changed = Buffer.from(bytes);
      const index = Math.floor(at * (bytes.length - 1));
      if (bytes.length > 0) changed[index] = (bytes[index] ?? 0) ^ mask;
      return changed;
    }),
    fc.tuple(place, place).map(([a, b]) => (bytes: Buffer) => {
      const [from, to] = cut(bytes, a, b);
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    }),
    fc.tuple(place, place).map(([a, b]) => (bytes: Buffer) => {
      const [from, to] = cut(bytes, a, b);
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    }),
    fc.tuple(place, junk).map(([at, insert]) => (bytes: Buffer) => {
      const [from] = cut(bytes, at, at);
      return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from)]);
    }),
    place.map((at) => (bytes: Buffer) => bytes.subarray(0, at * bytes.length)),
    fc.tuple(place, fc.constantFrom(...valid)).map(([at, other]) => (bytes: Buffer) => {
      const end = bytesOf(other);
      return Buffer.concat([bytes.subarray(0, at * bytes.length), end.subarray(at * end.length)]);
    }),
  );
}

function cut(bytes: Buffer, a: number, b: number): [number, number] {
  return [Math.floor(Math.min(a, b) * bytes.length), Math.ceil(Math.max(a, b) * bytes.length)];
}

type ContentChange = (request: RawRequest) => RawRequest;

/** Damage to a request that keeps it one. */
export const contentChanges: Arbitrary<ContentChange> = fc.oneof(
  fc.tuple(fc.nat(), fc.constantFrom(...pathJunk)).map(([at, junk]) => (request: RawRequest) => {
    const [path = '', ...query] = request.target.split('?');
    const segments = path.split('/');
    segments[1 + (at % segments.length)] = junk;
    return { ...request, target: [segments.join('/'), ...query].join('?') };
  }),
  fc.constantFrom(...queryJunk).map((junk) => (request: RawRequest) => ({
    ...request,
    target: `${request.target}${request.target.includes('?') ? '&' : '?'}${junk}`,
  })),
  fc
    .constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE')
    .map((method) => (request: RawRequest) => ({ ...request, method })),
  fc.constantFrom(...headerJunk).map(([name, value]) => (request: RawRequest) => ({
    ...request,
    headers: { ...request.headers, [name]: value },
  })),
  fc
    .oneof(fc.constantFrom(...bodyJunk), fc.uint8Array({ maxLength: 60 }))
    .map((body) => (request: RawRequest) => ({
      ...request,
      body,
    })),
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(), fc.constantFrom(...jsonJunk)).map(([at, junk]) => withJunkInside(at, junk)),
  },
);

/** One value anywhere in a JSON body replaced. */
function withJunkInside(at: number, junk: unknown): ContentChange {
  return (request) => {
    if (request.body.length > 50_000) return request;
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(request.body).toString() || '{}');
    } catch {
      return request;
    }
    const places: [object, string][] = [];
    const visit = (value: unknown) => {
      if (value === null || typeof value !== 'object') return;
      for (const [key, item] of Object.entries(value)) {
        places.push([value, key]);
        visit(item);
      }
    };
    visit(json);
    const place = places[at % places.length];
    if (place) (place[0] as Record<string, unknown>)[place[1]] = junk;
    return { ...request, body: JSON.stringify(place ? json : junk) };
  };
}
