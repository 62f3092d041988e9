import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { createEmbedder } from '../../../../src/engine/models/embeddings/index.ts';
import type { RemoteOptions } from '../../../../src/engine/models/embeddings/remote/remote-embedder.ts';
import { type Asked, dot, type Reply, startServer } from './support.ts';

const apiKey = 'sk-very-secret-1';
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer({ models: ['bge-m3', 'qwen3'] });
});
afterAll(() => server.close());

const embedder = (options: RemoteOptions = {}, model = 'bge-m3') =>
  createEmbedder(
    { provider: 'openai', url: `${server.url}/v1/`, model, apiKey },
    { log: silentLog, ...options },
  );

/** Each text's own vector: its length, and one. */
const right = ({ body }: Asked): Reply => ({
  json: { data: body.input.map((text: string, index: number) => ({ index, embedding: [text.length, 1] })) },
});
const vectors = (...embeddings: unknown[]): Reply => ({
  json: { data: embeddings.map((embedding, index) => ({ index, embedding })) },
});

/** The error that two texts end with. */
async function failure(answer: (request: Asked, number: number) => Reply, options: RemoteOptions = {}) {
  server.answer(answer);
  return embedder(options)
    .embed(['one', 'two'])
    .then(
      (found) => Promise.reject(new Error(`Answered: ${JSON.stringify(found)}`)),
      (error: Error) => error,
    );
}

describe('an OpenAI-compatible server', () => {
  test('is asked for the model by its name, with the key, in batches', async () => {
    server.answer(right);
    const texts = Array.from({ length: 150 }, (_, n) => 'x'.repeat(n + 1));
    const found = await embedder().embed(texts);
    expect(found).toHaveLength(150);
    expect(found[99]?.[0]).toBeCloseTo(100 / Math.hypot(100, 1), 5);
    expect(dot(found[7], found[7])).toBeCloseTo(1, 5);
    expect(server.requests.map(({ body }) => body.input.length)).toEqual([64, 64, 22]);
    expect(server.requests[0]).toMatchObject({
      path: '/v1/embeddings',
      headers: { authorization: `Bearer ${apiKey}` },
      body: { model: 'bge-m3', encoding_format: 'float' },
    });
    expect(embedder()).toMatchObject({ name: `bge-m3 at ${server.url}/v1` });
    expect(embedder().knows('en')).toBeUndefined();
  });

  test('gets something for nothing, and no half characters', async () => {
    server.answer(right);
    await embedder().embed(['', '\n', `\ud800${'y'.repeat(15_998)}😀`]);
    const [blank, lines, long] = server.requests[0]?.body.input ?? [];
    expect([blank, lines]).toEqual(['-', '-']);
    expect(long).toHaveLength(16_000);
    expect(long.isWellFormed()).toBe(true);
  });

  test('gets shorter texts where it finds them too long', async () => {
    const tooLong = { error: { message: 'Input is longer than the maximum context length of 512 tokens' } };
    server.answer((request) =>
      request.body.input.some((text: string) => text.length > 1000)
        ? { status: 400, json: tooLong }
        : right(request),
    );
    const found = await embedder().embed(['short', 'z'.repeat(3000), 'brief']);
    expect(found.map(([first = 0, second = 1]) => Math.round(first / second))).toEqual([5, 750, 5]);
  });

  test('is asked again after refusals that pass, and no longer than there is time', async () => {
    const busy: Reply = { status: 429, json: { error: { message: `Slow down, ${apiKey}` } } };
    const loading: Reply = { status: 503, json: { error: { message: 'Loading' } } };
    server.answer((request, number) => [busy, loading][number - 1] ?? right(request));
    expect(await embedder().embed(['one'])).toHaveLength(1);
    expect(server.requests).toHaveLength(3);
    const error = await failure(() => busy, { retryMs: 300 });
    expect(error).toMatchObject({ name: 'EmbeddingError', retryable: true });
    expect(error.message).toMatch(/429: Slow down, \[hidden\]/);
    expect(server.requests).toHaveLength(2);
  });

  const wrong: [string, Reply, RegExp][] = [
    ['too few vectors', vectors([1, 2]), /1 vectors for 2 texts/],
    ['vectors of two lengths', vectors([1, 2], [1, 2, 3]), /of 2 and of 3 numbers/],
    ['a vector of zeros', vectors([1, 2], [0, 0]), /zeros/],
    ['no numbers', vectors([1, 2], [1, null]), /no usable answer/],
    ['no vectors', { json: { choices: [] } }, /no usable answer/],
    ['garbage', { text: '<html>' }, /no usable answer/],
    ['half an answer', 'cut off', /could not embed/],
    ['silence', 'silence', /did not answer within 0.2 s/],
  ];
  test.each(wrong)('that answers %s embeds nothing, this time', async (_name, reply, message) => {
    const error = await failure(() => reply, { silenceMs: 200 });
    expect(error).toMatchObject({ name: 'EmbeddingError', retryable: true });
    expect(error.message).toMatch(message);
    expect(error.message).toContain('bge-m3 at http://127.0.0.1:');
  });

  test('that has another model all at once is found out', async () => {
    const one = embedder();
    server.answer(() => vectors([1, 2]));
    await one.embed(['one']);
    server.answer(() => vectors([1, 2, 3]));
    await expect(one.embed(['one'])).rejects.toThrow(/of 3 numbers, and before of 2.*Restart the engine/);
  });

  test('that refuses the key, or has no such model, is told of with the cure', async () => {
    const refused = await failure(() => ({ status: 401, json: { error: { message: `Bad ${apiKey}` } } }));
    expect(refused).toMatchObject({ retryable: false });
    expect(refused.message).toMatch(/401: Bad \[hidden\].*AGENTCORE_MCP_EMBEDDING_API_KEY/);
    const missing = await failure(() => ({ status: 404, json: { error: { message: 'model not found' } } }));
    expect(missing).toMatchObject({ retryable: false });
    expect(missing.message).toMatch(/It has: bge-m3, qwen3\. Choose one with --embedding-name/);
  });

  test('is let go of when the caller gives up', async () => {
    server.answer(() => 'silence');
    const abort = new AbortController();
    const asked = embedder().embed(['one'], abort.signal);
    setTimeout(() => abort.abort(new Error('too long')), 50);
    await expect(asked).rejects.toThrow('too long');
  });

  test('that is not there', async () => {
    const gone = await startServer({});
    await gone.close();
    const nobody = createEmbedder(
      { provider: 'openai', url: `${gone.url}/v1`, model: 'bge-m3' },
      { log: silentLog },
    );
    await expect(nobody.embed(['one'])).rejects.toMatchObject({
      retryable: true,
      message: expect.stringMatching(/connection refused.*--embedding-url/),
    });
  });
});
