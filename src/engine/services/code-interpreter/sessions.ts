import { setTimeout as delay } from 'node:timers/promises';
import type { ConflictException } from '@aws-sdk/client-bedrock-agentcore';
import { ulid } from 'ulid';
import type { Log } from '../../log.ts';
import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Scope } from '../../service.ts';
import type { Documents, Page, Store } from '../../store/store.ts';
import { InvalidTokenError } from '../../store/store.ts';
import { conflict, internal, invalid, notFound } from '../exceptions.ts';

/** Ended sessions stay readable for 30 days, as on AWS. */
const RETENTION_MS = 30 * 24 * 3600 * 1000;
const DEFAULT_TTL_SECONDS = 900;

export interface SessionRow {
  sessionId: string;
  codeInterpreterIdentifier: string;
  name?: string | undefined;
  sessionTimeoutSeconds: number;
  status: 'READY' | 'TERMINATED';
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number;
  lastUpdatedAt: number;
  /** The engine run that owns the sandbox. */
  generation: string;
  /** Why it is TERMINATED, in words. */
  ending?: string;
}

interface Live {
  scope: Scope;
  sandbox: Sandbox;
  expiry: AbortController;
}

/** What a session is started with. */
interface Wanted {
  interpreter: string;
  name?: string | undefined;
  timeoutSeconds?: number | undefined;
}

/** A session with what runs its code. */
export interface Running {
  interpreter: string;
  sessionId: string;
  sandbox: Sandbox;
}

export interface SessionDependencies {
  store: Store;
  sandboxes: SandboxProvider;
  generation: string;
  log: Log;
}

/**
 * Code sessions: a row that outlives the engine, and for a READY one a sandbox. The time to live counts from the
 * start whether or not the session is used.
 */
export class Sessions {
  readonly #rows: Documents<SessionRow>;
  readonly #live = new Map<string, Live>();
  readonly #starting = new Set<Promise<SessionRow>>();
  #closing = false;
  readonly #dependencies: SessionDependencies;

  constructor(dependencies: SessionDependencies) {
    this.#dependencies = dependencies;
    this.#rows = dependencies.store.documents('code-interpreter-session');
    this.#sweep();
  }

  get live(): number {
    return this.#live.size;
  }

  /**
   * @throws ConflictException where this machine cannot run a sandbox; the message has the cure.
   * @throws InternalServerException, which SDKs retry, when the engine stops meanwhile; nothing is left of it then.
   */
  async start(scope: Scope, wanted: Wanted): Promise<SessionRow> {
    const starting = this.#start(scope, wanted);
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** @throws ResourceNotFoundException for an id that this interpreter never had. */
  get(scope: Scope, interpreter: string, sessionId: string): SessionRow {
    const row = this.#rows.get(scope, sessionId);
    if (row?.codeInterpreterIdentifier === interpreter) return row;
    throw notFound(
      `There is no session ${sessionId} of ${interpreter} in this account and region. ListCodeInterpreterSessions names the ones there are.`,
    );
  }

  list(
    scope: Scope,
    interpreter: string,
    page: { maxResults: number; nextToken?: string | undefined; status?: string | undefined },
  ): Page<SessionRow> {
    try {
      return this.#rows.list(scope, {
        maxResults: page.maxResults,
        nextToken: page.nextToken,
        where: (row) =>
          row.codeInterpreterIdentifier === interpreter &&
          (page.status === undefined || row.status === page.status),
      });
    } catch (error) {
      if (error instanceof InvalidTokenError) throw invalid('nextToken', error.message);
      throw error;
    }
  }

  /** A READY session. @throws ConflictException when the session has ended. */
  running(scope: Scope, interpreter: string, sessionId: string): Running {
    const row = this.get(scope, interpreter, sessionId);
    const live = this.#live.get(sessionId);
    if (row.status === 'READY' && live) return { interpreter, sessionId, sandbox: live.sandbox };
    throw hasEnded(row);
  }

  /** Why a call failed whose sandbox ended under it. */
  async ended(scope: Scope, { interpreter, sessionId, sandbox }: Running): Promise<ConflictException> {
    await sandbox.ended;
    return hasEnded(this.get(scope, interpreter, sessionId));
  }

  /** Ends a session; ending an ended one changes nothing. Resolves when its processes are gone. */
  async stop(scope: Scope, interpreter: string, sessionId: string): Promise<SessionRow> {
    this.get(scope, interpreter, sessionId);
    await this.#terminate(scope, sessionId, 'it was stopped');
    return this.get(scope, interpreter, sessionId);
  }

  /** Ends every session, also those that are still starting, and starts no more. */
  async close(): Promise<void> {
    this.#closing = true;
    const ending = [...this.#live].map(([sessionId, { scope }]) =>
      this.#terminate(scope, sessionId, 'the engine was shut down'),
    );
    await Promise.allSettled(this.#starting);
    await Promise.all(ending);
  }

  async #start(scope: Scope, wanted: Wanted): Promise<SessionRow> {
    this.#refuseWhenClosing();
    const sessionId = ulid();
    const sandbox = await this.#startSandbox(sessionId);
    const now = Date.now();
    const row: SessionRow = {
      sessionId,
      codeInterpreterIdentifier: wanted.interpreter,
      name: wanted.name,
      sessionTimeoutSeconds: wanted.timeoutSeconds ?? DEFAULT_TTL_SECONDS,
      status: 'READY',
      createdAt: now,
      lastUpdatedAt: now,
      generation: this.#dependencies.generation,
    };
    try {
      this.#refuseWhenClosing();
      this.#rows.put(scope, sessionId, row);
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    const expiry = new AbortController();
    this.#live.set(sessionId, { scope, sandbox, expiry });
    this.#expire(row, scope, expiry.signal);
    sandbox.ended.then((reason) => this.#terminate(scope, sessionId, reason));
    return row;
  }

  #refuseWhenClosing(): void {
    if (this.#closing) throw internal('The engine is stopping. Try again.');
  }

  async #startSandbox(sessionId: string): Promise<Sandbox> {
    try {
      return await this.#dependencies.sandboxes.start(sessionId);
    } catch (error) {
      if (error instanceof SandboxError) throw conflict(error.message);
      throw error;
    }
  }

  #expire(row: SessionRow, scope: Scope, signal: AbortSignal): void {
    const reason = `its time to live of ${row.sessionTimeoutSeconds} s was over`;
    delay(row.sessionTimeoutSeconds * 1000, undefined, { signal, ref: false }).then(
      () => this.#terminate(scope, row.sessionId, reason),
      () => {},
    );
  }

  async #terminate(scope: Scope, sessionId: string, ending: string): Promise<void> {
    const live = this.#live.get(sessionId);
    if (!live) return;
    this.#live.delete(sessionId);
    live.expiry.abort();
    this.#dependencies.log.info(`code session ${sessionId} ended: ${ending}`);
    try {
      this.#markTerminated(scope, sessionId, ending);
    } finally {
      await live.sandbox.close();
    }
  }

  #markTerminated(scope: Scope, sessionId: string, ending: string): void {
    const row = this.#rows.get(scope, sessionId);
    if (!row) return;
    this.#rows.put(scope, sessionId, { ...row, status: 'TERMINATED', lastUpdatedAt: Date.now(), ending });
  }

  /** Ends what an earlier engine left READY, and forgets what nobody may ask for any more. */
  #sweep(): void {
    const oldest = Date.now() - RETENTION_MS;
    for (const { scope, id, document } of this.#rows.all()) {
      if (document.lastUpdatedAt < oldest) this.#rows.delete(scope, id);
      else if (document.status === 'READY')
        this.#markTerminated(scope, id, 'the engine that ran it stopped without warning');
    }
  }
}

function hasEnded({ sessionId, ending = 'it has ended' }: SessionRow): ConflictException {
  return conflict(`Session ${sessionId} is TERMINATED: ${ending}. Start a new session to go on.`);
}
