/** The jobs of extraction, and what each is to learn from. */
export const jobTables = [
  `CREATE TABLE extraction_jobs (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     account TEXT NOT NULL,
     region TEXT NOT NULL,
     memory TEXT NOT NULL,
     strategy TEXT NOT NULL,
     actor TEXT NOT NULL,
     session TEXT NOT NULL,
     namespace TEXT NOT NULL,
     reflections TEXT NOT NULL,
     parts TEXT NOT NULL,
     lane TEXT NOT NULL,
     status TEXT NOT NULL,
     due INTEGER NOT NULL,
     since INTEGER NOT NULL,
     messages INTEGER NOT NULL DEFAULT 0,
     tokens INTEGER NOT NULL DEFAULT 0,
     attempts INTEGER NOT NULL DEFAULT 0,
     begun INTEGER NOT NULL DEFAULT 0,
     failure TEXT,
     provider TEXT,
     ended INTEGER
   ) STRICT;
   CREATE INDEX extraction_jobs_due ON extraction_jobs (status, due);
   CREATE INDEX extraction_jobs_lane ON extraction_jobs (lane, status, seq);
   CREATE INDEX extraction_jobs_memory ON extraction_jobs (account, region, memory, status, session, seq);
   CREATE TABLE extraction_items (
     seq INTEGER PRIMARY KEY,
     job INTEGER NOT NULL REFERENCES extraction_jobs ON DELETE CASCADE,
     event TEXT,
     content TEXT,
     indexes TEXT NOT NULL
   ) STRICT;
   CREATE INDEX extraction_items_job ON extraction_items (job, seq);`,
];
