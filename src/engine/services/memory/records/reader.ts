import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { RecordRow } from '../memory.ts';
import { asRow, type Columns, columns } from './columns.ts';
import { Lexicon } from './lexicon.ts';
import { type Place, rangeOf } from './paths.ts';
import { type Reliance, rank } from './ranking.ts';
import type { Tree } from './tree.ts';
import { Trees } from './trees.ts';
import type { Word } from './words.ts';

/** A part of a WHERE. */
export interface Condition {
  sql: string;
  values: (string | number)[];
}

/** Which records of a memory. */
export interface Selection {
  /** The memory's number. */
  memory: number;
  place: Place;
  strategy?: string | undefined;
  conditions?: readonly Condition[];
}

export interface SearchOrder extends Selection {
  /** Of the question. */
  words?: readonly Word[] | undefined;
  /** Of the question. */
  vector?: Float32Array | undefined;
  reliance: Reliance;
  limit: number;
}

export interface ListOrder extends Selection {
  /** Only those older than this. */
  before?: number | undefined;
  limit: number;
}

/** A record that was found. */
export interface Found {
  seq: number;
  record: RecordRow;
  score: number;
}

export interface ReaderOptions {
  file: string;
  /** Whose vectors are compared. */
  embedder: string;
  /** How much memory the vectors that were searched last may keep. */
  maxBytes: number;
}

const BUSY_TIMEOUT_MS = 5_000;

/** Looks for records, by a connection of its own that only reads. */
export class Reader {
  readonly #db: DatabaseSync;
  readonly #trees: Trees;
  readonly #bySeq: StatementSync;
  readonly #lexicon: Lexicon;

  constructor({ file, ...options }: ReaderOptions) {
    this.#db = new DatabaseSync(file, { readOnly: true });
    this.#db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    this.#trees = new Trees(this.#db, options);
    this.#bySeq = this.#db.prepare(`SELECT ${columns} FROM records WHERE seq = ?`);
    this.#lexicon = new Lexicon(this.#db);
  }

  /** The best, best first. */
  search({ words = [], vector, reliance, limit, ...selection }: SearchOrder): Found[] {
    return this.#atOneMoment(() => {
      const { memory, place, strategy, conditions = [] } = selection;
      const tree = this.#trees.get(memory, place);
      const seqs = conditions.length > 0 ? this.#seqsOf(selection) : undefined;
      const rows = tree.candidates({ place, strategy, seqs });
      const cosines = tree.cosines(vector ?? new Float32Array(), rows);
      const coverage = this.#coverage(words, memory, tree, rows);
      return rank({ cosines, coverage }, reliance, limit).flatMap(({ index, score }) => {
        const seq = tree.seqAt(rows[index] as number);
        const record = this.#record(seq);
        // It is gone only while its whole memory is being removed.
        return record ? [{ seq, record, score }] : [];
      });
    });
  }

  /** Newest first. */
  list({ before = Number.MAX_SAFE_INTEGER, limit, ...selection }: ListOrder): Omit<Found, 'score'>[] {
    const { sql, values } = whereOf(selection);
    const which = `SELECT seq FROM records WHERE ${sql} AND seq < ? ORDER BY seq DESC LIMIT ?`;
    const select = `SELECT ${columns} FROM records WHERE seq IN (${which}) ORDER BY seq DESC`;
    const rows = this.#db.prepare(select).all(...values, before, limit) as unknown as Columns[];
    return rows.map((row) => ({ seq: row.seq, record: asRow(row) }));
  }

  #record(seq: number): RecordRow | undefined {
    const row = this.#bySeq.get(seq);
    return row && asRow(row as unknown as Columns);
  }

  #seqsOf(selection: Selection): Set<number> {
    const { sql, values } = whereOf(selection);
    const select = this.#db.prepare(`SELECT seq FROM records WHERE ${sql}`);
    select.setReturnArrays(true);
    return new Set((select.all(...values) as unknown as [number][]).map(([seq]) => seq));
  }

  /** How much of a question's words rows have. */
  #coverage(words: readonly Word[], memory: number, tree: Tree, rows: Uint32Array): Float32Array {
    const coverage = new Float32Array(rows.length);
    if (words.length === 0) return coverage;
    const ofTree = this.#lexicon.coverage(words, memory, tree);
    for (let i = 0; i < rows.length; i++) coverage[i] = ofTree[rows[i] as number] as number;
    return coverage;
  }

  #atOneMoment<T>(work: () => T): T {
    this.#db.exec('BEGIN');
    try {
      return work();
    } finally {
      this.#db.exec('COMMIT');
    }
  }
}

function whereOf({ memory, place, strategy, conditions = [] }: Selection): {
  sql: string;
  values: SQLInputValue[];
} {
  const parts: Condition[] = [
    { sql: 'memory = ? AND path >= ? AND path < ?', values: [memory, ...rangeOf(place)] },
    ...(strategy === undefined ? [] : [{ sql: 'strategy = ?', values: [strategy] }]),
    ...conditions,
  ];
  return {
    sql: parts.map(({ sql }) => `(${sql})`).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}
