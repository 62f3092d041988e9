import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { StoreError } from '../../../src/engine/store/errors.ts';
import { openStore } from '../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../support/temporary.ts';

const here = { account: '000000000000', region: 'us-east-1' };
const file = () => join(temporaryDir(), 'engine.db');

test('writes wait for the disk, in write-ahead mode, with foreign keys enforced', () => {
  const { db } = openStore(file());
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(db.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
  expect(db.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 5000 });
});

test.skipIf(process.platform === 'win32')('only the owner can read the database and its side files', () => {
  const dir = temporaryDir();
  openStore(join(dir, 'engine.db')).documents('note').put(here, 'a', {});
  const files = readdirSync(dir);
  expect(files.sort()).toEqual(['engine.db', 'engine.db-shm', 'engine.db-wal']);
  for (const name of files) expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600);
});

test('migrations run once each, in order, and only the new ones later', () => {
  const path = file();
  const first = 'CREATE TABLE thing (name TEXT)';
  const second = "INSERT INTO thing VALUES ('one'); ALTER TABLE thing ADD COLUMN size INTEGER";
  const store = openStore(path);
  const before = store.version;
  store.migrate('thing', [first]);
  store.migrate('thing', [first]);
  expect(store.version).toBe(before + 1);
  store.close();

  const later = openStore(path);
  later.migrate('thing', [first, second]);
  later.migrate('thing', [first, second]);
  expect(later.db.prepare('SELECT * FROM thing').all()).toEqual([{ name: 'one', size: null }]);
  expect(later.version).toBe(before + 2);
});

test('settings are kept by name, the latest value of each', () => {
  const path = file();
  const store = openStore(path);
  expect(store.setting('port')).toBeUndefined();
  store.setSetting('port', '1');
  store.setSetting('port', '2');
  store.setSetting('other', '3');
  store.close();
  const later = openStore(path);
  expect(later.setting('port')).toBe('2');
  expect(later.setting('other')).toBe('3');
});

test('a store of the first version keeps its port, which was a document then', () => {
  const path = file();
  const store = openStore(path);
  store.db.exec("DROP TABLE settings; UPDATE migrations SET version = 1 WHERE owner = 'store'");
  store.documents('engine-port').put(here, 'last', 4321);
  store.close();
  const later = openStore(path);
  expect(later.setting('port')).toBe('4321');
  expect([...later.documents('engine-port').all()]).toEqual([]);
});

test('a migration that fails leaves nothing behind and can be tried again', () => {
  const store = openStore(file());
  const before = store.version;
  expect(() =>
    store.migrate('thing', ['CREATE TABLE thing (name TEXT); INSERT INTO nowhere VALUES (1)']),
  ).toThrow(/nowhere/);
  expect(store.version).toBe(before);
  store.migrate('thing', ['CREATE TABLE thing (name TEXT)']);
  expect(store.version).toBe(before + 1);
});

test('a store of a newer program is refused, naming what to do', () => {
  const path = file();
  const store = openStore(path);
  store.migrate('thing', ['CREATE TABLE thing (name TEXT)', 'CREATE TABLE more (name TEXT)']);
  store.db.exec("UPDATE migrations SET program = '99.1.0'");
  expect(() => store.migrate('thing', ['CREATE TABLE thing (name TEXT)'])).toThrow(
    /written by agentcore-mcp 99\.1\.0, which is newer .* Update agentcore-mcp/,
  );
  store.db.exec("UPDATE migrations SET version = 77 WHERE owner = 'store'");
  store.close();
  expect(() => openStore(path)).toThrow(StoreError);
});

test('a transaction is all or nothing, also inside another', () => {
  const store = openStore(file());
  const documents = store.documents<number>('n');
  const failing = (id: string) => () =>
    store.transaction(() => {
      documents.put(here, id, 1);
      throw new Error(`no ${id}`);
    });
  expect(failing('a')).toThrow('no a');
  const result = store.transaction(() => {
    documents.put(here, 'kept', 1);
    expect(failing('b')).toThrow('no b');
    store.transaction(() => documents.put(here, 'inner', 1));
    return 'done';
  });
  expect(result).toBe('done');
  expect([...documents.all()].map(({ id }) => id)).toEqual(['kept', 'inner']);
  expect(() =>
    store.transaction(() => {
      documents.put(here, 'late', 1);
      return Promise.resolve();
    }),
  ).toThrow(/synchronous/);
  expect(documents.get(here, 'late')).toBeUndefined();
});

test('a store without room says so, keeps what it confirmed, and goes on when there is room again', () => {
  const store = openStore(file());
  const documents = store.documents<string>('big');
  documents.put(here, 'before', 'safe');
  const pages = Number(store.db.prepare('PRAGMA page_count').get()?.page_count);
  store.db.exec(`PRAGMA max_page_count = ${pages + 4}`);
  const big = 'x'.repeat(100_000);
  expect(() => documents.put(here, 'big', big)).toThrow(/no room left for it; free space/);
  expect(() => store.transaction(() => documents.put(here, 'big', big))).toThrow(StoreError);
  expect(documents.get(here, 'before')).toBe('safe');
  expect(documents.get(here, 'big')).toBeUndefined();
  store.db.exec('PRAGMA max_page_count = 1000000');
  documents.put(here, 'big', big);
  expect(documents.get(here, 'big')).toBe(big);
});

test('a file that is no database, and a path that is no file, are refused in words', () => {
  const path = file();
  writeFileSync(path, 'These are not the pages you are looking for. '.repeat(50));
  expect(() => openStore(path)).toThrow(/is no SQLite database; move the file away/);
  const folder = file();
  mkdirSync(folder);
  expect(() => openStore(folder)).toThrow(/cannot be opened/);
});

test('a database that another program keeps locked is an error in words, not a hang', {
  timeout: 30_000,
}, () => {
  const path = file();
  const store = openStore(path);
  store.db.exec('PRAGMA busy_timeout = 50');
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  expect(() => store.documents('n').put(here, 'a', 1)).toThrow(/Another program keeps it locked/);
  other.close();
  store.documents('n').put(here, 'a', 1);
});
