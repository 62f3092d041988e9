import { expect, test } from 'vitest';
import type { Embedder } from '../../../../src/engine/models/embeddings/embedder.ts';
import { RecentEmbedder } from '../../../../src/engine/models/embeddings/recent.ts';

test('a text is embedded once while it is recent, and its vector is its own', async () => {
  const asked: string[][] = [];
  const counting: Embedder = {
    id: 'counting',
    name: 'lengths of texts',
    knows: (language) => language === 'en',
    async embed(texts) {
      asked.push([...texts]);
      return texts.map((text) => Float32Array.of(text.length));
    },
    async close() {},
  };
  const embedder = new RecentEmbedder(counting);
  const lengths = async (...texts: string[]) => (await embedder.embed(texts)).map(([length]) => length);
  expect(await lengths('a', 'bb', 'a')).toEqual([1, 2, 1]);
  expect(await lengths('ccc', 'bb')).toEqual([3, 2]);
  expect(asked).toEqual([['a', 'bb'], ['ccc']]);
  await lengths(...Array.from({ length: 998 }, (_, index) => `text ${index}`));
  expect(await lengths('bb', 'ccc', 'a')).toEqual([2, 3, 1]);
  expect(asked.slice(3)).toEqual([['a']]);
  expect([embedder.id, embedder.name, embedder.knows('en')]).toEqual(['counting', 'lengths of texts', true]);
});
