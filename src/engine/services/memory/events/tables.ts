/**
 * An actor without a memory is of one that was deleted. An event's id begins with its time, so that ids are in the order of
 * events.
 */
export const eventTables = [
  `CREATE TABLE memory_actors (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     account TEXT NOT NULL, region TEXT NOT NULL, memory TEXT,
     name TEXT NOT NULL,
     UNIQUE (account, region, memory, name)
   ) STRICT;
   CREATE INDEX memory_actors_by_age ON memory_actors (account, region, memory, id);
   CREATE INDEX memory_actors_forgotten ON memory_actors (id) WHERE memory IS NULL;
   CREATE TABLE memory_sessions (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     actor INTEGER NOT NULL REFERENCES memory_actors (id),
     name TEXT NOT NULL,
     created INTEGER NOT NULL,
     expires INTEGER NOT NULL,
     UNIQUE (actor, name)
   ) STRICT;
   CREATE INDEX memory_sessions_by_age ON memory_sessions (actor, id, expires);
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
     account TEXT NOT NULL, region TEXT NOT NULL, memory TEXT NOT NULL,
     token TEXT NOT NULL,
     session INTEGER NOT NULL,
     event TEXT NOT NULL,
     at INTEGER NOT NULL,
     PRIMARY KEY (account, region, memory, token)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX memory_event_tokens_by_age ON memory_event_tokens (at);`,
];
