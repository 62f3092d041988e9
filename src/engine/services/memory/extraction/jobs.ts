import { randomUUID } from 'node:crypto';
import type { Scope } from '../../../service.ts';
import type { Store } from '../../../store/store.ts';
import type { MemoryKey } from '../memory.ts';
import type { FailureReason } from './extractor.ts';

/**
 * `WAITING`: is to be worked on once it is due. `IDLING`: waits for more to come, and is worked on as it is where nothing
 * comes until it is due. `FAILED`: waits for somebody to start it again.
 */
export type JobStatus = 'WAITING' | 'IDLING' | 'FAILED' | 'DONE';

/** What jobs are about: what one strategy learns of one session, for one namespace. */
export interface JobGroup {
  key: MemoryKey;
  strategyId: string;
  actorId: string;
  sessionId: string;
  /** Resolved; empty where the strategy writes none. */
  namespace: string;
  /** The namespace of reflections; empty where the strategy makes none. */
  reflections: string;
  /** Metadata of the events that keeps apart what is learned. */
  partition: Readonly<Record<string, string>>;
  /** Jobs of one lane run one after the other, oldest first. */
  lane: string;
}

/** Times are in milliseconds since the epoch. */
export interface Job extends JobGroup {
  seq: number;
  id: string;
  status: JobStatus;
  due: number;
  /** When the first of what is new came. */
  since: number;
  messages: number;
  tokens: number;
  /** How often it went wrong. */
  attempts: number;
  failureReason?: FailureReason;
}

/** What is to be learned from: some messages of an event, or of what was ingested without one. */
export type JobItem = { indexes: readonly number[] } & ({ eventId: string } | { ingested: string });

/** When a job that got something is worked on. */
export type JobPlan = Pick<Job, 'status' | 'due' | 'since'>;

/** Which jobs of a memory. */
export interface JobFilter {
  strategyId?: string | undefined;
  actorId?: string | undefined;
  sessionId?: string | undefined;
}

const tables = [
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
     messages INTEGER NOT NULL,
     tokens INTEGER NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     failure TEXT,
     provider TEXT,
     ended INTEGER
   ) STRICT;
   CREATE INDEX extraction_jobs_due ON extraction_jobs (status, due);
   CREATE INDEX extraction_jobs_lane ON extraction_jobs (lane, status, seq);
   CREATE INDEX extraction_jobs_memory ON extraction_jobs (account, region, memory, status, seq);
   CREATE TABLE extraction_items (
     seq INTEGER PRIMARY KEY,
     job INTEGER NOT NULL REFERENCES extraction_jobs ON DELETE CASCADE,
     event TEXT,
     content TEXT,
     indexes TEXT NOT NULL
   ) STRICT;
   CREATE INDEX extraction_items_job ON extraction_items (job, seq);`,
];

const ofMemory = 'account = :account AND region = :region AND memory = :memory';
const matching = `${ofMemory} AND status = :status AND strategy = coalesce(:strategy, strategy)
  AND actor = coalesce(:actor, actor) AND session = coalesce(:session, session)`;
/** As long as done jobs are remembered. */
const DONE_MS = 7 * 24 * 3600 * 1000;

/** The jobs, kept in the store. Writes are durable when they return, and may be part of a transaction. */
export class Jobs {
  readonly #db: Store['db'];
  readonly #taken = new Map<string, Job>();

  constructor(store: Store) {
    store.migrate('memory-extraction', tables);
    this.#db = store.db;
  }

  /** Adds to the job of a group that has not begun, or to a new one. `plan` says when that is worked on. */
  add(
    group: JobGroup,
    item: JobItem & { tokens: number },
    plan: (job: Pick<Job, 'messages' | 'tokens'>, known: Job | undefined) => JobPlan,
    maxMessages: number,
  ): void {
    const known = this.#growing(group, maxMessages);
    const messages = (known?.messages ?? 0) + item.indexes.length;
    const tokens = (known?.tokens ?? 0) + item.tokens;
    const { status, due, since } = plan({ messages, tokens }, known);
    const seq = known?.seq ?? this.#insert(group, { status, due, since });
    this.#db
      .prepare(
        'UPDATE extraction_jobs SET status = ?, due = ?, since = ?, messages = ?, tokens = ? WHERE seq = ?',
      )
      .run(status, due, since, messages, tokens, seq);
    this.#db
      .prepare('INSERT INTO extraction_items (job, event, content, indexes) VALUES (?, ?, ?, ?)')
      .run(
        seq,
        'eventId' in item ? item.eventId : null,
        'ingested' in item ? item.ingested : null,
        JSON.stringify(item.indexes),
      );
  }

  /** Takes jobs that are due, at most `limit`, of lanes in which none is taken: nothing is added to them any more. */
  take(now: number, limit: number): Job[] {
    const lanes = new Set([...this.#taken.values()].map(({ lane }) => lane));
    const jobs: Job[] = [];
    const due = this.#db.prepare(
      `SELECT * FROM extraction_jobs AS job WHERE status IN ('WAITING', 'IDLING') AND due <= ? AND NOT EXISTS (
         SELECT 1 FROM extraction_jobs WHERE lane = job.lane AND status = 'WAITING' AND seq < job.seq
       ) ORDER BY seq`,
    );
    for (const row of due.iterate(now)) {
      if (jobs.length === limit) break;
      const job = asJob(row);
      if (lanes.has(job.lane)) continue;
      lanes.add(job.lane);
      jobs.push(job);
    }
    for (const job of jobs) this.#taken.set(job.id, job);
    return jobs;
  }

  release({ id }: Job): void {
    this.#taken.delete(id);
  }

  /** When the next one becomes due. */
  nextDue(now: number): number | undefined {
    const select = `SELECT min(due) AS due FROM extraction_jobs WHERE status IN ('WAITING', 'IDLING') AND due > ?`;
    return (this.#db.prepare(select).get(now)?.due ?? undefined) as number | undefined;
  }

  items({ seq }: Job): JobItem[] {
    const rows = this.#db.prepare('SELECT * FROM extraction_items WHERE job = ? ORDER BY seq').all(seq);
    return rows.map(({ event, content, indexes }) => ({
      indexes: JSON.parse(indexes as string),
      ...(event === null ? { ingested: content as string } : { eventId: event as string }),
    }));
  }

  /** Whether it is still there. */
  has({ seq }: Job): boolean {
    return this.#db.prepare('SELECT 1 FROM extraction_jobs WHERE seq = ?').get(seq) !== undefined;
  }

  /** Lets a job wait: for its next attempt, or for more to come. */
  postpone({ seq }: Job, change: Pick<Job, 'status' | 'due' | 'attempts'>): void {
    this.#db
      .prepare('UPDATE extraction_jobs SET status = ?, due = ?, attempts = ? WHERE seq = ?')
      .run(change.status, change.due, change.attempts, seq);
  }

  /** @param provider Who has answered. */
  done({ seq }: Job, provider: string, now: number): void {
    this.#db.prepare('DELETE FROM extraction_items WHERE job = ?').run(seq);
    this.#end(seq, { status: 'DONE', provider, now });
  }

  fail({ seq }: Job, failure: FailureReason, provider: string, now: number): void {
    this.#end(seq, { status: 'FAILED', failure, provider, now });
  }

  /** Gives a failed job all its attempts again. */
  restart({ seq }: Job, now: number): void {
    const restart = `UPDATE extraction_jobs SET status = 'WAITING', due = ?, attempts = 0, failure = NULL WHERE seq = ?`;
    this.#db.prepare(restart).run(now, seq);
  }

  /** How many are to be worked on, of all memories, or of one. */
  waiting(of?: { key: MemoryKey; filter?: JobFilter | undefined }): number {
    const select = 'SELECT count(*) AS count FROM extraction_jobs WHERE';
    const row = of
      ? this.#db.prepare(`${select} ${matching}`).get(parameters(of.key, 'WAITING', of.filter))
      : this.#db.prepare(`${select} status = 'WAITING'`).get();
    return Number(row?.count);
  }

  /** Failed ones that are older than another, newest first. */
  failed(
    key: MemoryKey,
    { filter, before, limit }: { filter?: JobFilter; before: number; limit: number },
  ): Job[] {
    const select = `SELECT * FROM extraction_jobs WHERE ${matching} AND seq < :before ORDER BY seq DESC LIMIT :limit`;
    return this.#db
      .prepare(select)
      .all({ ...parameters(key, 'FAILED', filter), before, limit })
      .map(asJob);
  }

  find({ scope, memoryId }: MemoryKey, id: string): Job | undefined {
    const select = `SELECT * FROM extraction_jobs WHERE ${ofMemory} AND id = :id`;
    const row = this.#db.prepare(select).get({ ...inScope(scope), memory: memoryId, id });
    return row && asJob(row);
  }

  /** Forgets those of a memory. */
  remove({ scope, memoryId }: MemoryKey): void {
    const remove = this.#db.prepare(`DELETE FROM extraction_jobs WHERE ${ofMemory}`);
    remove.run({ ...inScope(scope), memory: memoryId });
  }

  /** Forgets those done long ago. */
  sweep(now: number): void {
    this.#db.prepare(`DELETE FROM extraction_jobs WHERE status = 'DONE' AND ended < ?`).run(now - DONE_MS);
  }

  /** The newest job of a group, where it may be added to. */
  #growing({ key, ...group }: JobGroup, maxMessages: number): Job | undefined {
    const select = `SELECT * FROM extraction_jobs WHERE ${ofMemory} AND status IN ('WAITING', 'IDLING')
      AND strategy = :strategy AND actor = :actor AND session = :session AND namespace = :namespace AND parts = :parts
      ORDER BY seq DESC LIMIT 1`;
    const row = this.#db.prepare(select).get({
      ...{ ...inScope(key.scope), memory: key.memoryId },
      ...{ strategy: group.strategyId, actor: group.actorId, session: group.sessionId },
      ...{ namespace: group.namespace, parts: JSON.stringify(group.partition) },
    });
    const job = row && asJob(row);
    const grows = job && !this.#taken.has(job.id) && job.attempts === 0 && job.messages < maxMessages;
    return grows ? job : undefined;
  }

  #insert({ key, ...group }: JobGroup, { status, due, since }: JobPlan): number {
    const insert = `INSERT INTO extraction_jobs
      (id, account, region, memory, strategy, actor, session, namespace, reflections, parts, lane,
        status, due, since, messages, tokens)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`;
    const { lastInsertRowid } = this.#db
      .prepare(insert)
      .run(
        ...[randomUUID(), key.scope.account, key.scope.region, key.memoryId],
        ...[group.strategyId, group.actorId, group.sessionId, group.namespace, group.reflections],
        ...[JSON.stringify(group.partition), group.lane, status, due, since],
      );
    return Number(lastInsertRowid);
  }

  #end(
    seq: number,
    {
      status,
      failure,
      provider,
      now,
    }: { status: JobStatus; failure?: string; provider: string; now: number },
  ): void {
    this.#db
      .prepare('UPDATE extraction_jobs SET status = ?, failure = ?, provider = ?, ended = ? WHERE seq = ?')
      .run(status, failure ?? null, provider, now, seq);
  }
}

const inScope = ({ account, region }: Scope) => ({ account, region });

function parameters({ scope, memoryId }: MemoryKey, status: JobStatus, filter: JobFilter = {}) {
  const { strategyId: strategy = null, actorId: actor = null, sessionId: session = null } = filter;
  return { ...inScope(scope), memory: memoryId, status, strategy, actor, session };
}

function asJob(row: Record<string, unknown>): Job {
  return {
    seq: row.seq as number,
    id: row.id as string,
    key: {
      scope: { account: row.account as string, region: row.region as string },
      memoryId: row.memory as string,
    },
    strategyId: row.strategy as string,
    actorId: row.actor as string,
    sessionId: row.session as string,
    namespace: row.namespace as string,
    reflections: row.reflections as string,
    partition: JSON.parse(row.parts as string),
    lane: row.lane as string,
    status: row.status as JobStatus,
    due: row.due as number,
    since: row.since as number,
    messages: row.messages as number,
    tokens: row.tokens as number,
    attempts: row.attempts as number,
    ...(row.failure !== null && { failureReason: row.failure as FailureReason }),
  };
}
