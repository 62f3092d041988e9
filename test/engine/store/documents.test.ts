import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../src/engine/store/sqlite.ts';
import { InvalidTokenError } from '../../../src/engine/store/store.ts';
import { temporaryDir } from '../../support/temporary.ts';

interface Note {
  n: number;
  text?: string;
}

const here = { account: '000000000000', region: 'us-east-1' };

function notes(kind = 'note') {
  const store = openStore(join(temporaryDir(), 'engine.db'));
  return { store, documents: store.documents<Note>(kind) };
}

function fill(documents: ReturnType<typeof notes>['documents'], count: number) {
  for (let n = 0; n < count; n++) documents.put(here, `id-${n}`, { n });
}

test('a document comes back as it was put, and is gone once deleted', () => {
  const { documents } = notes();
  documents.put(here, 'a', { n: 1, text: 'Größe 数据 \u0000 "quoted"' });
  expect(documents.get(here, 'a')).toEqual({ n: 1, text: 'Größe 数据 \u0000 "quoted"' });
  documents.put(here, 'a', { n: 2 });
  expect(documents.get(here, 'a')).toEqual({ n: 2 });
  expect(documents.delete(here, 'a')).toBe(true);
  expect(documents.delete(here, 'a')).toBe(false);
  expect(documents.get(here, 'a')).toBeUndefined();
});

test('accounts, regions and kinds share nothing', () => {
  const { store, documents } = notes();
  const others = [
    { scope: { ...here, account: '111111111111' }, documents },
    { scope: { ...here, region: 'eu-west-1' }, documents },
    { scope: here, documents: store.documents<Note>('other') },
  ];
  documents.put(here, 'a', { n: 1 });
  for (const other of others) {
    expect(other.documents.get(other.scope, 'a')).toBeUndefined();
    expect(other.documents.list(other.scope, { maxResults: 10 }).items).toEqual([]);
    expect(other.documents.delete(other.scope, 'a')).toBe(false);
    other.documents.put(other.scope, 'a', { n: 2 });
  }
  expect(documents.get(here, 'a')).toEqual({ n: 1 });
});

test('a listing is newest first by the first put, and pages through everything once', () => {
  const { documents } = notes();
  fill(documents, 450);
  documents.put(here, 'id-0', { n: 0, text: 'changed' });
  const seen: number[] = [];
  let nextToken: string | undefined;
  do {
    const page = documents.list(here, { maxResults: 100, nextToken });
    seen.push(...page.items.map(({ n }) => n));
    nextToken = page.nextToken;
  } while (nextToken);
  expect(seen).toEqual(Array.from({ length: 450 }, (_, index) => 449 - index));
});

test('a page that ends with the last match has no token', () => {
  const { documents } = notes();
  fill(documents, 10);
  const even = (note: Note) => note.n % 2 === 0;
  const first = documents.list(here, { maxResults: 3, where: even });
  expect(first.items.map(({ n }) => n)).toEqual([8, 6, 4]);
  const second = documents.list(here, { maxResults: 2, nextToken: first.nextToken, where: even });
  expect(second.items.map(({ n }) => n)).toEqual([2, 0]);
  expect(second.nextToken).toBeUndefined();
});

test('a token stays valid while documents come and go, the one it stands on included', () => {
  const { documents } = notes();
  fill(documents, 6);
  const { items, nextToken } = documents.list(here, { maxResults: 2 });
  expect(items.map(({ n }) => n)).toEqual([5, 4]);
  documents.delete(here, 'id-4');
  documents.delete(here, 'id-2');
  documents.put(here, 'new', { n: 99 });
  expect(documents.list(here, { maxResults: 5, nextToken }).items.map(({ n }) => n)).toEqual([3, 1, 0]);
});

test('a token outlives the process that made it', () => {
  const file = join(temporaryDir(), 'engine.db');
  const before = openStore(file);
  fill(before.documents<Note>('note'), 3);
  const { nextToken } = before.documents<Note>('note').list(here, { maxResults: 1 });
  before.close();
  const after = openStore(file);
  expect(
    after
      .documents<Note>('note')
      .list(here, { maxResults: 9, nextToken })
      .items.map(({ n }) => n),
  ).toEqual([1, 0]);
});

test('a token that this listing did not make is refused', () => {
  const { store, documents } = notes();
  fill(documents, 3);
  const token = documents.list(here, { maxResults: 1 }).nextToken ?? '';
  expect(token).toMatch(/^\S{1,2048}$/);
  const flipped = [...token].map(
    (letter, index) => token.slice(0, index) + (letter === 'A' ? 'B' : 'A') + token.slice(index + 1),
  );
  const refused = (from: typeof documents, scope: typeof here, nextToken: string) =>
    expect(() => from.list(scope, { maxResults: 1, nextToken }), nextToken).toThrow(InvalidTokenError);

  for (const nextToken of [...flipped, '', 'x', '数据', `${token}!`, `${token}AAAA`, token.slice(0, -1)]) {
    refused(documents, here, nextToken);
  }
  refused(documents, { ...here, account: '111111111111' }, token);
  refused(documents, { ...here, region: 'eu-west-1' }, token);
  refused(store.documents<Note>('other'), here, token);
  const elsewhere = notes().documents;
  fill(elsewhere, 3);
  refused(elsewhere, here, token);
});

test('all documents can be walked, oldest first, while they are changed', () => {
  const { documents } = notes();
  fill(documents, 300);
  documents.put({ account: '111111111111', region: 'eu-west-1' }, 'last', { n: 300 });
  const seen: number[] = [];
  for (const { scope, id, document } of documents.all()) {
    seen.push(document.n);
    documents.put(scope, id, { n: document.n, text: 'swept' });
    if (document.n % 10 === 0) documents.delete(scope, id);
  }
  expect(seen).toEqual(Array.from({ length: 301 }, (_, index) => index));
  expect([...documents.all()].every(({ document }) => document.text === 'swept')).toBe(true);
});
