import type { ConflictException } from '@aws-sdk/client-bedrock-agentcore';
import { ulid } from 'ulid';
import { Clock, type Timer } from '../../clock.ts';
import type { Egress } from '../../egress/index.ts';
import { egressPortInside, proxyEnvironment } from '../../egress/inside.ts';
import type { Log } from '../../log.ts';
import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Scope } from '../../service.ts';
import type { Page, Store } from '../../store/store.ts';
import { conflict, internal } from '../exceptions.ts';
import { CommandTasks } from './command-tasks.ts';
import { type SessionRow, SessionRows } from './session-rows.ts';

const DEFAULT_TTL_SECONDS = 900;

interface Live {
  scope: Scope;
  sandbox: Sandbox;
  tasks: CommandTasks;
  expiry: Timer;
  interpreter: string;
}

/** What a session is started with. */
interface Wanted {
  interpreter: string;
  name?: string | undefined;
  timeoutSeconds?: number | undefined;
  /** Its way to the internet, where it has one. */
  egress?: Egress | undefined;
}

/** A session with what runs its code. */
export interface Running {
  interpreter: string;
  sessionId: string;
  sandbox: Sandbox;
  /** The commands in its background. */
  tasks: CommandTasks;
}

export interface SessionDependencies {
  store: Store;
  sandboxes: SandboxProvider;
  log: Log;
  /** Default: real time. */
  clock?: Clock;
}

/**
 * Code sessions: a row that outlives the engine, and for a READY one a sandbox. The time to live counts from the
 * start whether or not the session is used.
 */
export class Sessions {
  readonly #rows: SessionRows;
  readonly #live = new Map<string, Live>();
  readonly #starting = new Map<Promise<SessionRow>, { scope: Scope; interpreter: string }>();
  /** Why, once it closes. */
  #closing: string | undefined;
  readonly #dependencies: SessionDependencies;
  readonly #clock: Clock;

  constructor(dependencies: SessionDependencies) {
    this.#dependencies = dependencies;
    this.#clock = dependencies.clock ?? new Clock();
    this.#rows = new SessionRows({ ...dependencies, clock: this.#clock });
    this.sweep();
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
    this.#starting.set(starting, { scope, interpreter: wanted.interpreter });
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** @throws ResourceNotFoundException for an id that this interpreter never had. */
  get(scope: Scope, interpreter: string, sessionId: string): SessionRow {
    return this.#rows.get(scope, interpreter, sessionId);
  }

  list(...listing: Parameters<SessionRows['list']>): Page<SessionRow> {
    return this.#rows.list(...listing);
  }

  /** The sessions of an interpreter that run; one that is starting has no name yet. */
  active(scope: Scope, interpreter: string): string[] {
    const isOf = (one: { scope: Scope; interpreter: string }) =>
      one.interpreter === interpreter &&
      one.scope.account === scope.account &&
      one.scope.region === scope.region;
    return [
      ...[...this.#live].flatMap(([sessionId, live]) => (isOf(live) ? [sessionId] : [])),
      ...[...this.#starting.values()].flatMap((one) => (isOf(one) ? ['one that is starting'] : [])),
    ];
  }

  /** A READY session. @throws ConflictException when the session has ended. */
  running(scope: Scope, interpreter: string, sessionId: string): Running {
    const row = this.get(scope, interpreter, sessionId);
    const live = this.#live.get(sessionId);
    if (row.status === 'READY' && live)
      return { interpreter, sessionId, sandbox: live.sandbox, tasks: live.tasks };
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

  async #start(scope: Scope, wanted: Wanted): Promise<SessionRow> {
    this.#refuseWhenClosing();
    const sessionId = ulid();
    const sandbox = await this.#startSandbox(sessionId, wanted.egress);
    const now = this.#clock.now();
    const row: SessionRow = {
      sessionId,
      codeInterpreterIdentifier: wanted.interpreter,
      name: wanted.name,
      sessionTimeoutSeconds: wanted.timeoutSeconds ?? DEFAULT_TTL_SECONDS,
      status: 'READY',
      createdAt: now,
      lastUpdatedAt: now,
    };
    try {
      this.#refuseWhenClosing();
      this.#rows.add(scope, row);
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    const { interpreter } = wanted;
    const tasks = new CommandTasks(sandbox);
    this.#live.set(sessionId, { scope, sandbox, interpreter, tasks, expiry: this.#expire(row, scope) });
    sandbox.ended.then((reason) => this.#terminateUnasked(scope, sessionId, reason));
    return row;
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== undefined) throw internal(`No session can start: ${this.#closing}. Try again.`);
  }

  /** Not even with internet does code reach the engine: it gets the proxy, and no door and no keys. */
  async #startSandbox(sessionId: string, egress: Egress | undefined): Promise<Sandbox> {
    const { sandboxes } = this.#dependencies;
    const online = egress && {
      installs: true as const,
      environment: proxyEnvironment,
      outlets: { [egressPortInside]: egress.serve },
    };
    try {
      const sandbox = await sandboxes.start(sessionId, { kernel: true, ...online });
      void sandbox.ended.then(() => egress?.close());
      return sandbox;
    } catch (error) {
      if (error instanceof SandboxError) throw conflict(error.message);
      throw error;
    }
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
      this.#dependencies.log.error(`The sandbox of code session ${sessionId} did not close`, { error });
    }
  }

  async #terminate(scope: Scope, sessionId: string, ending: string): Promise<void> {
    const live = this.#live.get(sessionId);
    if (!live) return;
    this.#live.delete(sessionId);
    live.expiry.cancel();
    this.#dependencies.log.info(`code session ${sessionId} ended: ${ending}`);
    this.#rows.end(scope, sessionId, ending);
    await live.sandbox.close();
  }
}

function hasEnded({ sessionId, ending = 'it has ended' }: SessionRow): ConflictException {
  return conflict(`Session ${sessionId} is TERMINATED: ${ending}. Start a new session to go on.`);
}
