import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { spellingsNear } from './spellings.ts';
import { PER_MEMORY } from './tables.ts';
import type { Tree } from './tree.ts';
import type { Word } from './words.ts';

/**
 * How much more a rare word tells than a frequent one: the power of its inverse document frequency. Chosen, as what follows,
 * by the tuning questions in bench/memory.
 */
const RARITY = 1.75;
/** What a word counts that was found only by another spelling. */
const RESPELLED_COUNTS = 0.9;
/** Looking for other spellings of a word takes some milliseconds where records are many. */
const MAX_RESPELLED = 4;
/** A word that more records of a memory have tells too little to look for them all. */
const FREQUENT_SHARE = 1 / 8;
const FREQUENT_LEAST = 1_000;

/** What is looked through. */
interface Where {
  memory: number;
  tree: Tree;
  /** More records are too many for a word. */
  most: number;
}

/** Which records have the words of a question. */
export class Lexicon {
  readonly #find: StatementSync;
  readonly #last: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare(
      'SELECT rowid FROM record_words WHERE record_words MATCH ? AND rowid >= ? AND rowid < ? LIMIT ?',
    );
    this.#find.setReturnArrays(true);
    this.#last = db.prepare('SELECT last FROM record_memories WHERE number = ?');
  }

  /**
   * How much of a question each row of a tree has: the share of the question's words, weighed by how rare they are in the
   * tree, from 0 to 1. Unlike BM25 it does not depend on the length of a record, and means the same for every question.
   */
  coverage(words: readonly Word[], memory: number, tree: Tree): Float32Array {
    const where = { memory, tree, most: this.#frequent(memory) };
    const coverage = new Float32Array(tree.size);
    let respelled = 0;
    let all = 0;
    for (const { match, counts, letters, isPair } of words) {
      const found = this.#rows(match, where);
      const respell = found?.length === 0 && letters && respelled++ < MAX_RESPELLED;
      const rows = respell ? this.#rowsNear(letters, where) : found;
      if (!rows || (isPair && rows.length === 0)) continue;
      const weight = counts * rarity(rows.length, tree.size);
      all += weight;
      const has = respell ? RESPELLED_COUNTS * weight : weight;
      for (const row of rows) coverage[row] = (coverage[row] as number) + has;
    }
    return all === 0 ? coverage : coverage.map((has) => Math.min(1, has / all));
  }

  #frequent(memory: number): number {
    const records = Number(this.#last.get(memory)?.last ?? 0);
    return Math.max(FREQUENT_LEAST, Math.ceil(records * FREQUENT_SHARE));
  }

  /** Those that have a word; undefined where it is too frequent. */
  #rows(match: string, { memory, tree, most }: Where): number[] | undefined {
    const from = memory * PER_MEMORY;
    const hits = this.#find.all(match, from, from + PER_MEMORY, most + 1) as unknown as [number][];
    if (hits.length > most) return undefined;
    return hits.flatMap(([seq]) => tree.rowOf(seq) ?? []);
  }

  /** Those that have a word of nearly this spelling. */
  #rowsNear(letters: string, where: Where): number[] | undefined {
    const near = spellingsNear(letters).map((spelling) => `"${spelling}"`);
    return near.length === 0 ? [] : this.#rows(near.join(' OR '), where);
  }
}

const rarity = (rows: number, size: number) => Math.log(1 + (size - rows + 0.5) / (rows + 0.5)) ** RARITY;
