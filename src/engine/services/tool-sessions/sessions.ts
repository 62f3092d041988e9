import type { ConflictException } from '@aws-sdk/client-bedrock-agentcore';
import { ulid } from 'ulid';
import { Clock, type Timer } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Scope } from '../../service.ts';
import type { Page, Store } from '../../store/store.ts';
import { conflict, internal } from '../exceptions.ts';
import { type SessionNames, type SessionRow, SessionRows } from './rows.ts';

/** What a session runs in. */
export interface Machine {
  /** Resolves when it has ended for whatever reason, with that reason in words. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it; resolves when nothing is left. */
  close(): Promise<void>;
}

/** What a session is started with. */
export interface Start<Row extends SessionRow, M extends Machine> {
  /** The id of the tool resource. */
  resource: string;
  timeoutSeconds: number;
  /** @throws what the caller of `start` is to be told. */
  launch(sessionId: string): Promise<M>;
  /** Completes the row of the new session. */
  describe(row: SessionRow): Row;
}

interface Live<M> {
  scope: Scope;
  resource: string;
  machine: M;
  expiry: Timer;
}

export interface SessionDependencies {
  store: Store;
  log: Log;
  /** Default: real time. */
  clock?: Clock;
}

/**
 * The sessions of a built-in tool: a row that outlives the engine, and for a READY one a machine. The time to live counts from
 * the start whether or not the session is used.
 */
export class ToolSessions<Row extends SessionRow, M extends Machine> {
  readonly #rows: SessionRows<Row>;
  readonly #live = new Map<string, Live<M>>();
  readonly #starting = new Map<Promise<Row>, { scope: Scope; resource: string }>();
  /** Why, once it closes. */
  #closing: string | undefined;
  readonly #title: string;
  readonly #log: Log;
  readonly #clock: Clock;

  constructor(names: SessionNames<Row>, { store, log, clock = new Clock() }: SessionDependencies) {
    this.#title = names.title;
    this.#log = log;
    this.#clock = clock;
    this.#rows = new SessionRows(names, { store, log, clock });
    this.sweep();
  }

  get live(): number {
    return this.#live.size;
  }

  /**
   * @throws what `launch` throws.
   * @throws InternalServerException, which SDKs retry, when the engine stops meanwhile; nothing is left of it then.
   */
  async begin(scope: Scope, start: Start<Row, M>): Promise<Row> {
    const starting = this.#begin(scope, start);
    this.#starting.set(starting, { scope, resource: start.resource });
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** @throws ResourceNotFoundException for an id that this resource never had. */
  get(scope: Scope, resource: string, sessionId: string): Row {
    return this.#rows.get(scope, resource, sessionId);
  }

  list(...listing: Parameters<SessionRows<Row>['list']>): Page<Row> {
    return this.#rows.list(...listing);
  }

  /** The sessions of a resource that run; one that is starting has no name yet. */
  active(scope: Scope, resource: string): string[] {
    const isOf = (one: { scope: Scope; resource: string }) =>
      one.resource === resource && one.scope.account === scope.account && one.scope.region === scope.region;
    return [
      ...[...this.#live].flatMap(([sessionId, live]) => (isOf(live) ? [sessionId] : [])),
      ...[...this.#starting.values()].flatMap((one) => (isOf(one) ? ['one that is starting'] : [])),
    ];
  }

  /** What a READY session runs in. @throws ConflictException when the session has ended. */
  machine(scope: Scope, resource: string, sessionId: string): M {
    const row = this.get(scope, resource, sessionId);
    const live = this.#live.get(sessionId);
    if (row.status === 'READY' && live) return live.machine;
    throw hasEnded(row);
  }

  /** Changes the row of a READY session. @throws ConflictException when it has ended. */
  change(scope: Scope, resource: string, sessionId: string, change: Partial<Row>): Row {
    this.machine(scope, resource, sessionId);
    return this.#rows.change(scope, resource, sessionId, change);
  }

  /** Why a call failed whose machine ended under it. */
  async whyEnded(scope: Scope, resource: string, sessionId: string, machine: M): Promise<ConflictException> {
    await machine.ended;
    return hasEnded(this.get(scope, resource, sessionId));
  }

  /** Ends a session; ending an ended one changes nothing. Resolves when its processes are gone. */
  async stop(scope: Scope, resource: string, sessionId: string): Promise<Row> {
    this.get(scope, resource, sessionId);
    await this.#terminate(scope, sessionId, 'it was stopped');
    return this.get(scope, resource, sessionId);
  }

  /** Ends what an earlier engine left READY, and forgets what nobody may ask for any more. */
  sweep(): void {
    this.#rows.sweep((sessionId) => this.#live.has(sessionId));
  }

  /** Ends every session, also those that are still starting, and starts no more. */
  async close(reason = 'the engine was shut down'): Promise<void> {
    this.#closing = reason;
    const ending = [...this.#live].map(([sessionId, { scope }]) => this.#terminate(scope, sessionId, reason));
    await Promise.all([...ending, Promise.allSettled(this.#starting.keys())]);
  }

  async #begin(scope: Scope, { resource, timeoutSeconds, launch, describe }: Start<Row, M>): Promise<Row> {
    this.#refuseWhenClosing();
    const sessionId = ulid();
    const machine = await launch(sessionId);
    const now = this.#clock.now();
    const row = describe({
      sessionId,
      sessionTimeoutSeconds: timeoutSeconds,
      status: 'READY',
      createdAt: now,
      lastUpdatedAt: now,
    });
    try {
      this.#refuseWhenClosing();
      this.#rows.add(scope, row);
    } catch (error) {
      await machine.close();
      throw error;
    }
    this.#live.set(sessionId, { scope, resource, machine, expiry: this.#expire(row, scope) });
    machine.ended.then((reason) => this.#terminateUnasked(scope, sessionId, reason));
    return row;
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== undefined) throw internal(`No session can start: ${this.#closing}. Try again.`);
  }

  #expire({ sessionId, sessionTimeoutSeconds }: SessionRow, scope: Scope): Timer {
    const reason = `its time to live of ${sessionTimeoutSeconds} s was over`;
    const end = () => this.#terminateUnasked(scope, sessionId, reason);
    return this.#clock.after(sessionTimeoutSeconds * 1000, end);
  }

  /** For ends that nobody waits for. */
  async #terminateUnasked(scope: Scope, sessionId: string, ending: string): Promise<void> {
    try {
      await this.#terminate(scope, sessionId, ending);
    } catch (error) {
      this.#log.error(`The sandbox of ${this.#title} ${sessionId} did not close`, { error });
    }
  }

  async #terminate(scope: Scope, sessionId: string, ending: string): Promise<void> {
    const live = this.#live.get(sessionId);
    if (!live) return;
    this.#live.delete(sessionId);
    live.expiry.cancel();
    this.#log.info(`${this.#title} ${sessionId} ended: ${ending}`);
    this.#rows.end(scope, sessionId, ending);
    await live.machine.close();
  }
}

function hasEnded({ sessionId, ending = 'it has ended' }: SessionRow): ConflictException {
  return conflict(`Session ${sessionId} is TERMINATED: ${ending}. Start a new session to go on.`);
}
