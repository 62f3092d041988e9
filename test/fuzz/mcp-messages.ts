import fc from 'fast-check';
import { bodyJunk, jsonJunk, tokens } from './wire-junk.ts';

type Message = Record<string, unknown>;

/** What a client of 2026-07-28 says with each request. */
export const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'fuzz', version: '1' },
};

const request = (method: string, params?: object): Message => ({ jsonrpc: '2.0', id: 1, method, params });
const call = (name: string, args: object) => request('tools/call', { name, arguments: args });

/** One of everything a client may send. */
const valid: Message[] = [
  request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'f', version: '1' },
  }),
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
  { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } },
  { jsonrpc: '2.0', id: 1, result: {} },
  { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'no' } },
  request('ping'),
  request('server/discover'),
  request('subscriptions/listen', { notifications: {} }),
  request('tools/list', { cursor: 'x' }),
  request('prompts/list'),
  request('prompts/get', { name: 'x' }),
  request('logging/setLevel', { level: 'info' }),
  request('tasks/get', { taskId: 'x' }),
  request('resources/list'),
  request('resources/templates/list'),
  request('resources/read', { uri: 'agentcore://code-sessions/01M827DNZ0W0PDHPDKBNDAA3P2/files/%C3%A9' }),
  request('resources/subscribe', { uri: 'agentcore://results/0123456789abcdef/1' }),
  request('completion/complete', {
    ref: { type: 'ref/resource', uri: 'agentcore://code-sessions/{session}/files/{+path}' },
    argument: { name: 'session', value: '' },
  }),
  call('get_status', {}),
  call('get_task', { task: '0123456789abcdef', cancel: true, wait_seconds: 0 }),
  call('list_resources', {
    kind: 'code_session',
    ended: true,
    limit: 3,
    cursor: 'eyJraW5kIjoiY29kZV9zZXNzaW9uIn0',
  }),
  call('run_code', {
    code: '1',
    session: 'x',
    upload: ['a'],
    download: ['b'],
    timeout_seconds: 1,
    wait_seconds: 0,
  }),
  call('stop_session', { session: 'x' }),
  call('search_aws_api', { query: 'list memories', plane: 'data', limit: 2 }),
  call('read_aws_api', { operation: 'ListMemories', params: { maxResults: 1 }, max_items: 1 }),
  call('call_aws_api', { operation: 'CreateMemory', params: { name: 'x' }, dry_run: true, save_to: '../x' }),
];

const junk = fc.constantFrom(...jsonJunk);
const name = fc.constantFrom(
  '_meta',
  '__proto__',
  'constructor',
  '',
  'toString',
  'id',
  'arguments',
  '\ud800',
);

/** Every place in a message, as the keys that lead there. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => places(member, [...path, key]))];
}

/** A copy in which the member at a place is changed; `undefined` takes it out. */
function changed(value: unknown, [key, ...rest]: string[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy: Message = { ...(value as Message) };
  Object.defineProperty(copy, key, {
    value: changed(copy[key], rest, to),
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

const message = fc.constantFrom(...valid).chain((plain) => {
  const enveloped = {
    ...plain,
    params: { ...(plain.params as object), _meta: { ...envelope, progressToken: 'p' } },
  };
  return fc.constantFrom<unknown>(plain, enveloped);
});

const mutated = message.chain((base) =>
  fc.oneof(
    fc.tuple(fc.constantFrom(...places(base)), junk).map(([place, to]) => changed(base, place, to)),
    fc.constantFrom(...places(base)).map((place) => changed(base, place, undefined)),
    fc
      .tuple(fc.constantFrom(...places(base)), name, junk)
      .map(([place, key, to]) => changed(base, [...place, key], to)),
    fc.constant(base),
  ),
);

const written = mutated.map((value) => JSON.stringify(value) ?? '');

/** Texts that are nearly, but hardly ever quite, what a client sends; none holds a line end. */
export const malformedMessages: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 12, arbitrary: written },
    {
      weight: 3,
      arbitrary: fc
        .tuple(written, fc.nat(), fc.constantFrom(...tokens))
        .map(
          ([text, at, token]) =>
            text.slice(0, at % (text.length + 1)) + token + text.slice(at % (text.length + 1)),
        ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(written, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
    },
    { weight: 1, arbitrary: fc.array(written, { maxLength: 3 }).map((texts) => `[${texts.join(',')}]`) },
    { weight: 1, arbitrary: fc.constantFrom(...bodyJunk) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  )
  .map((text) => text.replaceAll(/[\r\n]/g, ' '));
