/**
 * A memory has a number, and its records' `seq` begin with that: those of one memory follow one another in every table.
 * `change` counts the writes to a memory, so that a reader who knows its state at one of them finds what came after.
 * Those that removed a record are kept while an engine runs, as the record cannot tell. `embedded` names the embedder whose
 * vector a record has; it is empty until it has one.
 */
export const recordTables = [
  `CREATE TABLE record_memories (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     account TEXT NOT NULL, region TEXT NOT NULL, memory TEXT NOT NULL,
     last INTEGER NOT NULL DEFAULT 0, change INTEGER NOT NULL DEFAULT 0,
     UNIQUE (account, region, memory)
   ) STRICT;
   CREATE TABLE records (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     memory INTEGER NOT NULL,
     namespace TEXT,
     path TEXT NOT NULL,
     strategy TEXT,
     type TEXT NOT NULL,
     text TEXT NOT NULL,
     metadata TEXT NOT NULL,
     created INTEGER NOT NULL,
     updated INTEGER NOT NULL,
     embedded TEXT NOT NULL DEFAULT '',
     change INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX records_by_path ON records (memory, path);
   CREATE INDEX records_by_change ON records (memory, change);
   CREATE INDEX records_by_embedder ON records (embedded, memory, path);
   CREATE TABLE record_removals (
     memory INTEGER NOT NULL, change INTEGER NOT NULL, seq INTEGER NOT NULL,
     PRIMARY KEY (memory, change)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE record_vectors (seq INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
   CREATE VIRTUAL TABLE record_words USING fts5 (
     words, content = '', contentless_delete = 1, tokenize = "porter unicode61 categories 'L* N* M* Co'"
   );`,
];

/** Records of one memory have their `seq` from its number times this on. */
export const PER_MEMORY = 2 ** 32;

/** For a SELECT of {@link recordsOfEmbedders}: the few embedders that there are, each found by one look into an index. */
export const embedders = `WITH RECURSIVE embedders (embedded) AS (
  SELECT min(embedded) FROM records
  UNION ALL SELECT (SELECT min(embedded) FROM records WHERE embedded > embedders.embedded) FROM embedders
  WHERE embedded IS NOT NULL)`;

/**
 * All records, so joined that those of other embedders than one are found by the index that has them in order. Nearly all
 * are of that one, and `embedded <> ?` alone would lead through all of a memory.
 */
export const recordsOfEmbedders = 'embedders CROSS JOIN records USING (embedded)';
