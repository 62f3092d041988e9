import { afterAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { LocalEmbedder } from '../../../../src/engine/models/embeddings/local/local-embedder.ts';
import { dot } from './support.ts';

const embedder = new LocalEmbedder(silentLog);
afterAll(() => embedder.close());

describe.concurrent('the embedding model of the package', () => {
  test('puts what means the same nearer together than what does not', async () => {
    const [asked, near, far] = await embedder.embed([
      'What does Anna like to drink in the morning?',
      'Anna starts her day with a strong coffee.',
      'The invoice of the plumber is overdue.',
    ]);
    expect(asked).toHaveLength(512);
    expect(dot(asked, asked)).toBeCloseTo(1, 4);
    expect(dot(asked, near)).toBeGreaterThan(dot(asked, far) + 0.1);
  });

  test('gives one vector per text, in order, however many, long or empty they are', async () => {
    const texts = ['', ...Array.from({ length: 20 }, (_, n) => `Parcel ${n} is on its way.`), ' ', '\ud800'];
    const vectors = await embedder.embed([...texts, 'long '.repeat(20_000), '']);
    expect(vectors).toHaveLength(texts.length + 2);
    for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 4);
    const [alone] = await embedder.embed(['Parcel 18 is on its way.']);
    expect(dot(alone, vectors[19])).toBeCloseTo(1, 4);
    expect(await embedder.embed([])).toEqual([]);
  });

  test('lets a short call pass between the batches of a long one', async () => {
    const order: string[] = [];
    const many = Array.from({ length: 40 }, (_, n) => `Note number ${n}.`);
    const long = embedder.embed(many).then(() => order.push('long'));
    const short = embedder.embed(['One note.']).then(() => order.push('short'));
    await Promise.all([long, short]);
    expect(order).toEqual(['short', 'long']);
  });

  test('gives up a call that is aborted, and goes on with others', async () => {
    const abort = new AbortController();
    const given = embedder.embed(['Wait for me.'], abort.signal);
    abort.abort(new Error('too long'));
    await expect(given).rejects.toThrow('too long');
    expect(await embedder.embed(['Here I am.'])).toHaveLength(1);
    await expect(embedder.embed(['Wait for me.'], abort.signal)).rejects.toThrow('too long');
  });
});

test('a thread that hangs is replaced, as is one that ended for want of work', async () => {
  const impatient = new LocalEmbedder(silentLog, { patienceMs: 1 });
  await expect(impatient.embed(['Hello.'])).rejects.toMatchObject({
    name: 'EmbeddingError',
    retryable: true,
    message: expect.stringContaining('did not answer in time'),
  });
  const restless = new LocalEmbedder(silentLog, { idleMs: 1 });
  const first = await restless.embed(['Hello.']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await restless.embed(['Hello.'])).toEqual(first);
  await restless.close();
  await expect(restless.embed(['Hello.'])).rejects.toThrow('closing');
});
