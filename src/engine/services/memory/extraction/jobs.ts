import { randomUUID } from 'node:crypto';
import type { Page, Store } from '../../../store/store.ts';
import { type Paging, tablePage } from '../../paging.ts';
import { columns, OF_MEMORY } from '../events/rows.ts';
import type { MemoryKey } from '../memory.ts';
import type { FailureReason } from './extractor.ts';
import {
  asJob,
  type Job,
  type JobFilter,
  type JobGroup,
  type JobItem,
  type JobPlan,
  type JobStatus,
  type StoredJob,
} from './job.ts';
import { jobTables } from './tables.ts';

/** How long done jobs are remembered. */
const DONE_MS = 7 * 24 * 3600 * 1000;
/** At how many due jobs it looks at once. */
const LOOK = 100;
const MATCHING = `${OF_MEMORY} AND status = ? AND strategy = coalesce(?, strategy)
  AND actor = coalesce(?, actor) AND session = coalesce(?, session)`;

/** The jobs, kept in the store. Writes are durable when they return, and may be part of a transaction. */
export class Jobs {
  readonly #store: Store;
  readonly #taken = new Map<string, Job>();

  constructor(store: Store) {
    store.migrate('memory-extraction', jobTables);
    this.#store = store;
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
    const id = known?.id ?? this.#insert(group);
    this.#store.run(
      'UPDATE extraction_jobs SET status = ?, due = ?, since = ?, messages = ?, tokens = ? WHERE id = ?',
      ...[status, due, since, messages, tokens, id],
    );
    this.#store.run(
      `INSERT INTO extraction_items (job, event, content, indexes)
       SELECT seq, ?, ?, ? FROM extraction_jobs WHERE id = ?`,
      ...['eventId' in item ? item.eventId : null, 'ingested' in item ? item.ingested : null],
      ...[JSON.stringify(item.indexes), id],
    );
  }

  /** Takes jobs that are due, at most `limit`, of lanes in which none is taken: nothing is added to them any more. */
  take(now: number, limit: number): Job[] {
    const due = limit > 0 ? this.#due(now) : [];
    const lanes = new Set([...this.#taken.values()].map(({ lane }) => lane));
    const jobs: Job[] = [];
    for (const job of due) {
      if (jobs.length === limit) break;
      if (lanes.has(job.lane)) continue;
      lanes.add(job.lane);
      jobs.push(job);
    }
    if (jobs.length > 0) this.#begin(jobs);
    return jobs;
  }

  release({ id }: Job): void {
    this.#taken.delete(id);
  }

  /** When the next one becomes due. */
  nextDue(now: number): number | undefined {
    const select = `SELECT min(due) AS due FROM extraction_jobs WHERE status IN ('WAITING', 'IDLING') AND due > ?`;
    return this.#store.all<{ due: number | null }>(select, now)[0]?.due ?? undefined;
  }

  items({ seq }: Job): JobItem[] {
    const select = 'SELECT event, content, indexes FROM extraction_items WHERE job = ? ORDER BY seq';
    return this.#store
      .all<{ event: string | null; content: string | null; indexes: string }>(select, seq)
      .map(({ event, content, indexes }) => ({
        indexes: JSON.parse(indexes),
        ...(event === null ? { ingested: content ?? '' } : { eventId: event }),
      }));
  }

  /** Undefined where the memory has no such job. */
  find(key: MemoryKey, id: string): Job | undefined {
    const select = `SELECT * FROM extraction_jobs WHERE ${OF_MEMORY} AND id = ?`;
    return this.#store.all<StoredJob>(select, ...columns(key), id).map(asJob)[0];
  }

  /** Lets a job wait: for its next attempt, or for more to come. */
  postpone({ seq }: Job, { status, due, attempts }: Pick<Job, 'status' | 'due' | 'attempts'>): void {
    const update = 'UPDATE extraction_jobs SET status = ?, due = ?, attempts = ?, begun = 0 WHERE seq = ?';
    this.#store.run(update, status, due, attempts, seq);
  }

  /** @param provider Who has answered. */
  done({ seq }: Job, provider: string, now: number): void {
    this.#store.run('DELETE FROM extraction_items WHERE job = ?', seq);
    const update = `UPDATE extraction_jobs SET status = 'DONE', provider = ?, ended = ? WHERE seq = ?`;
    this.#store.run(update, provider, now, seq);
  }

  fail({ seq }: Job, failure: FailureReason, provider: string, now: number): void {
    const update = `UPDATE extraction_jobs SET status = 'FAILED', failure = ?, provider = ?, ended = ? WHERE seq = ?`;
    this.#store.run(update, failure, provider, now, seq);
  }

  /** Gives a failed job all its attempts again. */
  restart({ seq }: Job, now: number): void {
    const update = `UPDATE extraction_jobs SET status = 'WAITING', due = ?, attempts = 0, begun = 0, failure = NULL WHERE seq = ?`;
    this.#store.run(update, now, seq);
  }

  /** How many are to be worked on, of all memories, or of one. */
  waiting(of?: { key: MemoryKey; filter?: JobFilter | undefined }): number {
    const select = 'SELECT count(*) AS count FROM extraction_jobs WHERE';
    const [row] = of
      ? this.#store.all<{ count: number }>(`${select} ${MATCHING}`, ...matching(of.key, 'WAITING', of.filter))
      : this.#store.all<{ count: number }>(`${select} status = 'WAITING'`);
    return row?.count ?? 0;
  }

  /** Newest first. @throws ValidationException for a token of another listing. */
  failed(key: MemoryKey, filter: JobFilter | undefined, paging: Paging): Page<Job> {
    const values = matching(key, 'FAILED', filter);
    const listing = {
      name: ['memory-extraction-job', ...values.map(String)],
      select: (before: string | undefined, limit: number) =>
        this.#store
          .all<StoredJob>(
            `SELECT * FROM extraction_jobs WHERE ${MATCHING} AND seq < ? ORDER BY seq DESC LIMIT ?`,
            ...[...values, Number(before ?? Number.MAX_SAFE_INTEGER), limit],
          )
          .map(asJob),
      position: ({ seq }: Job) => String(seq),
    };
    return tablePage(this.#store.pageTokens, listing, paging);
  }

  /** Forgets those of a memory. */
  remove(key: MemoryKey): void {
    this.#store.run(`DELETE FROM extraction_jobs WHERE ${OF_MEMORY}`, ...columns(key));
  }

  /** Forgets those done long ago. */
  sweep(now: number): void {
    this.#store.run(`DELETE FROM extraction_jobs WHERE status = 'DONE' AND ended < ?`, now - DONE_MS);
  }

  #begin(jobs: readonly Job[]): void {
    this.#store.transaction(() => {
      for (const { seq } of jobs)
        this.#store.run('UPDATE extraction_jobs SET begun = begun + 1 WHERE seq = ?', seq);
    });
    for (const job of jobs) this.#taken.set(job.id, job);
  }

  /** In order; not where an earlier one of the lane is still to be worked on. */
  #due(now: number): Job[] {
    const select = `SELECT * FROM extraction_jobs AS job WHERE status IN ('WAITING', 'IDLING') AND due <= ? AND NOT EXISTS (
      SELECT 1 FROM extraction_jobs WHERE lane = job.lane AND status = 'WAITING' AND seq < job.seq
    ) ORDER BY seq LIMIT ${LOOK}`;
    return this.#store.all<StoredJob>(select, now).map(asJob);
  }

  /** The newest job of a group, where it may be added to. */
  #growing({ key, ...group }: JobGroup, maxMessages: number): Job | undefined {
    const select = `SELECT * FROM extraction_jobs WHERE ${OF_MEMORY} AND status IN ('WAITING', 'IDLING')
      AND session = ? AND strategy = ? AND actor = ? AND namespace = ? AND parts = ? ORDER BY seq DESC LIMIT 1`;
    const { sessionId, strategyId, actorId, namespace, partition } = group;
    const values = [...columns(key), sessionId, strategyId, actorId, namespace, JSON.stringify(partition)];
    const [job] = this.#store.all<StoredJob>(select, ...values).map(asJob);
    const grows = job && !this.#taken.has(job.id) && job.attempts === 0 && job.messages < maxMessages;
    return grows ? job : undefined;
  }

  #insert({
    key,
    strategyId,
    actorId,
    sessionId,
    namespace,
    reflections,
    partition,
    lane,
  }: JobGroup): string {
    const id = randomUUID();
    this.#store.run(
      `INSERT INTO extraction_jobs (id, account, region, memory, strategy, actor, session, namespace, reflections,
         parts, lane, status, due, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'WAITING', 0, 0)`,
      ...[id, ...columns(key), strategyId, actorId, sessionId, namespace, reflections],
      ...[JSON.stringify(partition), lane],
    );
    return id;
  }
}

/** The values for MATCHING. */
function matching(key: MemoryKey, status: JobStatus, filter: JobFilter = {}) {
  return [
    ...columns(key),
    status,
    filter.strategyId ?? null,
    filter.actorId ?? null,
    filter.sessionId ?? null,
  ];
}
