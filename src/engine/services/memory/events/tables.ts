/** An event's id begins with its time, so that ids are in the order of events. `token` is the client's. */
export const eventTables = [
  `CREATE TABLE memory_sessions (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     account TEXT NOT NULL, region TEXT NOT NULL, memory TEXT NOT NULL, actor TEXT NOT NULL, name TEXT NOT NULL,
     created INTEGER NOT NULL,
     expires INTEGER NOT NULL,
     UNIQUE (account, region, memory, actor, name)
   ) STRICT;
   CREATE INDEX memory_sessions_by_expiry ON memory_sessions (expires);
   CREATE TABLE memory_branches (
     session INTEGER NOT NULL REFERENCES memory_sessions (id) ON DELETE CASCADE,
     name TEXT NOT NULL,
     root TEXT,
     parent TEXT,
     PRIMARY KEY (session, name)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE memory_events (
     session INTEGER NOT NULL REFERENCES memory_sessions (id) ON DELETE CASCADE,
     id TEXT NOT NULL,
     branch TEXT NOT NULL,
     expires INTEGER NOT NULL,
     details TEXT NOT NULL,
     payload TEXT NOT NULL,
     PRIMARY KEY (session, id)
   ) STRICT;
   CREATE INDEX memory_events_by_branch ON memory_events (session, branch, id);
   CREATE INDEX memory_events_by_expiry ON memory_events (expires);
   CREATE TABLE memory_event_tokens (
     account TEXT NOT NULL, region TEXT NOT NULL, memory TEXT NOT NULL, token TEXT NOT NULL,
     event TEXT NOT NULL,
     at INTEGER NOT NULL,
     PRIMARY KEY (account, region, memory, token)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX memory_event_tokens_by_age ON memory_event_tokens (at);`,
];
