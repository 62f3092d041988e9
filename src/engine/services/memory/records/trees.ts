import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { covers, type Place, rangeOf } from './paths.ts';
import { Tree, type TreeRow } from './tree.ts';

const rowColumns = `SELECT r.seq, r.path, r.strategy, v.vector FROM records r
  LEFT JOIN record_vectors v ON v.seq = r.seq AND r.embedded = ? WHERE r.memory = ?`;

/** Each has a piece of memory of its own, of which a process can have some thousands. */
const MAX_TREES = 1_000;

interface Kept {
  memory: number;
  tree: Tree;
}

/** The trees that were searched last, as many as there is room for, each loaded when it is first needed. */
export class Trees {
  readonly #embedder: string;
  readonly #maxBytes: number;
  readonly #change: StatementSync;
  readonly #changed: StatementSync;
  readonly #removed: StatementSync;
  readonly #count: StatementSync;
  readonly #dimensions: StatementSync;
  readonly #load: StatementSync;
  /** Last used last. */
  #kept: Kept[] = [];

  constructor(db: DatabaseSync, { embedder, maxBytes }: { embedder: string; maxBytes: number }) {
    this.#embedder = embedder;
    this.#maxBytes = maxBytes;
    const inRange = 'r.memory = ? AND r.path >= ? AND r.path < ?';
    this.#change = db.prepare('SELECT change FROM record_memories WHERE number = ?');
    this.#changed = db.prepare(`${rowColumns} AND r.change > ?`);
    this.#removed = db.prepare('SELECT seq FROM record_removals WHERE memory = ? AND change > ?');
    this.#count = db.prepare(`SELECT count(*) AS count FROM records r WHERE ${inRange}`);
    this.#dimensions = db.prepare(
      `SELECT length(v.vector) / 4 AS dimensions FROM records r JOIN record_vectors v ON v.seq = r.seq
       WHERE ${inRange} AND r.embedded = ? LIMIT 1`,
    );
    this.#load = db.prepare(`${rowColumns} AND r.path >= ? AND r.path < ?`);
  }

  /** A tree that has a place, in the present state of its memory. */
  get(memory: number, place: Place): Tree {
    const change = Number(this.#change.get(memory)?.change ?? 0);
    const known = this.#kept.find((kept) => kept.memory === memory && covers(kept.tree.place, place));
    if (known) this.#kept.splice(this.#kept.indexOf(known), 1);
    const isCurrent = known && (known.tree.change === change || this.#catchUp(known, change));
    const tree = isCurrent ? known.tree : this.#loaded(memory, known?.tree.place ?? place, change);
    this.#kept.push({ memory, tree });
    this.#makeRoom();
    return tree;
  }

  /** Whether it could be done. */
  #catchUp({ memory, tree }: Kept, change: number): boolean {
    for (const { seq } of this.#removed.iterate(memory, tree.change)) tree.drop(Number(seq));
    for (const row of this.#changed.iterate(this.#embedder, memory, tree.change)) {
      const { vector } = row as unknown as TreeRow;
      if (vector && vector.byteLength !== tree.dimensions * 4) return false;
      tree.put(row as unknown as TreeRow);
    }
    tree.change = change;
    return true;
  }

  #loaded(memory: number, place: Place, change: number): Tree {
    this.#kept = this.#kept.filter((kept) => kept.memory !== memory || !covers(place, kept.tree.place));
    const range = rangeOf(place);
    const room = Number(this.#count.get(memory, ...range)?.count);
    const dimensions = Number(this.#dimensions.get(memory, ...range, this.#embedder)?.dimensions ?? 0);
    const tree = new Tree(place, { dimensions, room });
    for (const row of this.#load.iterate(this.#embedder, memory, ...range))
      tree.put(row as unknown as TreeRow);
    tree.change = change;
    return tree;
  }

  #makeRoom(): void {
    let bytes = this.#kept.reduce((sum, { tree }) => sum + tree.bytes, 0);
    while ((bytes > this.#maxBytes || this.#kept.length > MAX_TREES) && this.#kept.length > 1)
      bytes -= this.#kept.shift()?.tree.bytes ?? 0;
  }
}
