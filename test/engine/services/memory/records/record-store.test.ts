import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddingError } from '../../../../../src/engine/models/embeddings/embedder.ts';
import { wordsOf } from '../../../../../src/engine/services/memory/records/words.ts';
import { Directions, everywhere, key, never, texts, useRecords } from './support.ts';

const ids = (found: readonly { record: { id: string } }[]) => found.map(({ record }) => record.id);

const poll = <T>(what: () => T) => expect.poll(what, { timeout: 30_000 });

/** Threads that begin during a test. */
function watchThreads(): Worker[] {
  const threads: Worker[] = [];
  const begun = (message: unknown) => void threads.push((message as { worker: Worker }).worker);
  subscribe('worker_threads', begun);
  onTestFinished(() => void unsubscribe('worker_threads', begun));
  return threads;
}

test('words are found in languages without spaces, and of one letter', async () => {
  const { records } = useRecords().open(new Directions());
  const sentences = {
    zh: '王芳最喜欢喝龙井绿茶，不喜欢咖啡。',
    zh2: '他住在上海的浦东。',
    zh3: '停车场登记：AN-0643，车主是老李。',
    zh4: '谁的车都不能停在这里，号码是NC-7078。',
    ja: '田中さんは毎朝、京都駅から電車で通勤しています。',
    ja2: 'コーヒーは飲みません。',
    es: 'La niña prefiere el autobús cuando llueve.',
    de: 'Die Straßenbahn fährt täglich zum Büro.',
    ko: '민수는 서울에서 커피를 마신다.',
  };
  records.create(
    key,
    Object.values(sentences).map((text) => ({ text, namespace: '/all' })),
  );
  const first = async (question: string) => {
    const words = wordsOf(question);
    const order = { key, place: everywhere, words, reliance: 'words-only', limit: 1 } as const;
    return (await records.search(order, never))[0]?.record.text;
  };
  expect(await first('她爱喝绿茶吗？')).toBe(sentences.zh);
  expect(await first('茶')).toBe(sentences.zh);
  expect(await first('浦东在哪里？')).toBe(sentences.zh2);
  expect(await first('京都から通勤していますか')).toBe(sentences.ja);
  expect(await first('ｺｰﾋｰ')).toBe(sentences.ja2);
  expect(await first('¿Quién toma el autobus?')).toBe(sentences.es);
  expect(await first('Wer nimmt die Straßenbahn?')).toBe(sentences.de);
  expect(await first('커피')).toBe(sentences.ko);
  expect(await first('AN-0643是谁的车？')).toBe(sentences.zh3);
});

test('what is changed is found by its new text, and what is removed not at all', async () => {
  const { records, search } = useRecords().open(new Directions());
  const [first, second] = records.create(key, texts(50));
  await records.complete(key, everywhere, { fresh: true }, never);
  expect((await search('note 0'))[0]).toMatchObject({ record: first, score: expect.closeTo(1) });

  const changed = records.update(key, first?.id ?? '', { text: 'quite another thing' });
  await records.complete(key, everywhere, { fresh: true }, never);
  expect((await search('quite another thing'))[0]).toMatchObject({
    record: changed,
    score: expect.closeTo(1),
  });
  expect((await search('note 0')).find(({ record }) => record.id === first?.id)?.score ?? 0).toBeLessThan(
    0.9,
  );

  expect(records.remove(key, [second?.id ?? '', 'mem-unknown'])).toEqual([second?.id]);
  const left = await search('note 1');
  expect(left).toHaveLength(10);
  expect(ids(left)).not.toContain(second?.id);
  expect(records.get(key, second?.id ?? '')).toBeUndefined();

  records.update(key, first?.id ?? '', { namespace: '/elsewhere' });
  expect(ids(await search('quite another thing', { path: '/actors/', below: true }))).not.toContain(
    first?.id,
  );
  expect(ids(await search('quite another thing', { path: '/elsewhere/', below: false }))).toEqual([
    first?.id,
  ]);
});

test('what was not embedded when the engine ended is embedded later', async () => {
  const file = useRecords();
  const slow = new Directions();
  const stuck = Promise.withResolvers<void>();
  slow.before = () => (slow.embedded >= 64 ? stuck.promise : Promise.resolve());
  const before = file.open(slow);
  before.records.create(key, texts(200));
  await poll(() => before.records.progress()).toEqual({ records: 200, embedded: 64 });
  stuck.reject(new Error('The process was killed.'));
  await before.close();

  const again = new Directions();
  const { records, search } = file.open(again);
  await poll(() => records.progress()).toEqual({ records: 200, embedded: 200 });
  expect(again.embedded).toBe(136);
  expect((await search('note 150'))[0]).toMatchObject({
    record: { text: 'note 150' },
    score: expect.closeTo(1),
  });
});

test('another embedder embeds everything anew, and vectors of the old one are not compared', async () => {
  const file = useRecords();
  const before = file.open(new Directions('old'));
  before.records.create(key, texts(100));
  await before.records.complete(key, everywhere, { fresh: true }, never);
  await before.close();

  const other = new Directions('new');
  const gate = Promise.withResolvers<void>();
  other.before = ([text]) => (text?.startsWith('note') ? gate.promise : Promise.resolve());
  const { records, search } = file.open(other);
  expect(await search('else')).toEqual([]);
  expect(records.progress()).toEqual({ records: 100, embedded: 0 });
  gate.resolve();
  await poll(() => records.progress().embedded).toBe(100);
  expect((await search('note 42'))[0]).toMatchObject({
    record: { text: 'note 42' },
    score: expect.closeTo(1),
  });
});

test('an embedder that fails is asked again, and a text that it refuses keeps no other from its vector', async () => {
  const embedder = new Directions();
  let calls = 0;
  embedder.before = async (some) => {
    if (calls++ === 0) throw new EmbeddingError('Nobody listens there.', { retryable: true });
    if (some.includes('note 7')) throw new EmbeddingError('This text is too long.', { retryable: false });
  };
  const { records } = useRecords().open(embedder);
  records.create(key, texts(40));
  await poll(() => records.progress().embedded).toBe(39);
  await records.complete(key, everywhere, { fresh: true }, never);
});

test('what lacks a vector of the embedder in use is told apart from what has one, whoever made the others', async () => {
  const file = useRecords();
  for (const id of ['a', 'm', 'z']) {
    const embedder = new Directions(id);
    const others = Promise.withResolvers<void>();
    embedder.before = ([text]) => (text?.startsWith(id) ? Promise.resolve() : others.promise);
    const { records, close } = file.open(embedder);
    records.create(key, texts(14, id));
    await records.complete(key, everywhere, { fresh: true }, never);
    await close();
  }
  const embedder = new Directions('m');
  const background = Promise.withResolvers<void>();
  embedder.before = ([text]) => (text?.endsWith(' 0') ? background.promise : Promise.resolve());
  const { records } = file.open(embedder);
  expect(records.unembedded(key, everywhere)).toBe(28);
  const place = { path: '/actors/a3/', below: false };
  expect(records.unembedded(key, place)).toBe(4);
  background.resolve();
  await records.complete(key, place, { fresh: false }, never);
  expect(records.unembedded(key, place)).toBe(0);
  await records.complete(key, everywhere, { fresh: false }, never);
  expect(embedder.embedded).toBe(28);
});

test('the nearest of a namespace are complete, whatever was not embedded yet', async () => {
  const { records } = useRecords().open(new Directions());
  const [made] = records.create(key, texts(100));
  const query = { namespace: '/actors/a0', texts: ['note 0', 'note 14'], limit: 3 };
  const [first = [], second = []] = await records.nearest(key, query, never);
  expect(first[0]).toEqual({ record: made, similarity: expect.closeTo(1) });
  expect(second[0]).toMatchObject({ record: { text: 'note 14' }, similarity: expect.closeTo(1) });
  expect(first).toHaveLength(3);
  expect([...first, ...second].every(({ record }) => record.namespace === '/actors/a0/')).toBe(true);
  expect(
    records
      .ofNamespace(key, '/actors/a0')
      .map(({ text }) => text)
      .slice(0, 2),
  ).toEqual(['note 0', 'note 7']);
});

test('a search goes well although its thread dies', async () => {
  const threads = watchThreads();
  const { records, search } = useRecords().open(new Directions());
  records.create(key, texts(20));
  await records.complete(key, everywhere, { fresh: true }, never);
  await search('note 3');
  expect(threads).toHaveLength(1);
  const found = search('note 3');
  await setImmediate();
  await threads[0]?.terminate();
  expect((await found)[0]?.record.text).toBe('note 3');
  expect((await search('note 4'))[0]?.record.text).toBe('note 4');
  expect(threads).toHaveLength(2);
});

test('a memory that is removed takes its records along, and one of the same name begins empty', async () => {
  const { records, search } = useRecords().open(new Directions());
  records.create(key, texts(500));
  const other = { ...key, memoryId: 'others-0123456789' };
  records.create(other, texts(3));
  records.removeMemory(key);
  expect(await search('note 1')).toEqual([]);
  await poll(() => records.progress().records).toBe(3);
  const [fresh] = records.create(key, texts(1));
  expect(ids(await search('note 0'))).toEqual([fresh?.id]);
});

test('20,000 records are written and searched while other work goes on', async () => {
  const { records, search } = useRecords().open(new Directions());
  for (let i = 0; i < 200; i++) {
    records.create(key, texts(100, `batch ${i} note`));
    await setImmediate();
  }
  await records.complete(key, everywhere, { fresh: true }, never);
  await search('batch 0 note 0');
  let turns = 0;
  let searching = true;
  const others = (async () => {
    while (searching) {
      await sleep(1);
      turns++;
    }
  })();
  const begun = performance.now();
  for (let i = 0; i < 10; i++)
    expect((await search(`batch ${i * 20} note 99`))[0]?.record.text).toBe(`batch ${i * 20} note 99`);
  searching = false;
  await others;
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(turns).toBeGreaterThan(10);
});

test('a mistyped word is found, in any script with an alphabet, and a rare word counts more than frequent ones', async () => {
  const { records } = useRecords().open(new Directions());
  const sentences = {
    en: 'The driving licence is in the drawer.',
    de: 'Der Schlüssel liegt unter der Matte.',
    ru: 'Паспорт лежит в синей папке.',
    el: 'Το διαβατήριο είναι στο συρτάρι.',
  };
  const others = Array.from({ length: 20 }, (_, n) => `The insurance papers of year ${n} are in the cellar.`);
  records.create(
    key,
    [...Object.values(sentences), ...others].map((text) => ({ text, namespace: '/all' })),
  );
  const best = async (question: string) => {
    const order = {
      key,
      place: everywhere,
      words: wordsOf(question),
      reliance: 'words-only',
      limit: 5,
    } as const;
    return (await records.search(order, never)).map(({ record }) => record.text);
  };
  for (const typed of ['licecne', 'lisence', 'licnce', 'liccence'])
    expect((await best(`Where did I put the ${typed}?`))[0]).toBe(sentences.en);
  expect((await best('Wo ist der Schlüsel?'))[0]).toBe(sentences.de);
  expect((await best('где пасспорт'))[0]).toBe(sentences.ru);
  expect((await best('που ειναι το διαβατηριο'))[0]).toBe(sentences.el);
  expect(await best('Is there an elephant or a piano?')).toEqual([]);
  expect((await best('Which insurance papers are in the drawer?'))[0]).toBe(sentences.en);
});
