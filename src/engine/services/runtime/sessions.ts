import { RetryableConflictException } from '@aws-sdk/client-bedrock-agentcore';
import type { Log } from '../../log.ts';
import type { Scope } from '../../service.ts';
import { internal, notFound } from '../exceptions.ts';
import { Compute, type ComputeParts } from './session-compute.ts';
import type { RunningSessions, Target } from './target.ts';

export interface SessionParts extends ComputeParts {
  log: Log;
}

/** A session that somebody uses; it is not idle before `release`. */
export interface InUse {
  compute: Compute;
  release(): void;
}

/**
 * The computes of all sessions: one for each session id of each endpoint, started when it is first needed and again when
 * it is needed after its end.
 */
export class Sessions implements RunningSessions {
  readonly #parts: SessionParts;
  readonly #computes = new Map<string, Compute>();
  /** By the ids that MCP servers gave to sessions of their own. */
  readonly #aliases = new Map<string, Compute>();
  /** Those that somebody has asked to stop. */
  readonly #stopping = new WeakSet<Compute>();
  /** Why, once it closes. */
  #closing: string | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get live(): number {
    return this.#computes.size;
  }

  /**
   * The session's compute, ready to be asked. Those who come while it starts share the start.
   * @throws RuntimeClientError when the agent does not start, RetryableConflictException while the session is being stopped.
   */
  async use(target: Target, sessionId: string): Promise<InUse> {
    const compute = await this.#compute(target, sessionId);
    const release = compute.enter();
    try {
      await compute.ready;
      return { compute, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * The id of the session that a call is for, where it says so. An MCP client names the session it has with the server; that
   * leads to the compute where the server runs.
   */
  resolve(
    target: Target,
    named: { runtimeSessionId?: string | undefined; mcpSessionId?: string | undefined },
  ): string | undefined {
    const { runtimeSessionId, mcpSessionId } = named;
    if (target.config.protocol !== 'MCP' || mcpSessionId === undefined) return runtimeSessionId;
    return this.#aliases.get(keyOf(target, mcpSessionId))?.sessionId ?? mcpSessionId;
  }

  /** Makes an id that an MCP server gave lead to its compute, as long as that runs. */
  alias({ compute, id }: { compute: Compute; id: string }): void {
    if (compute.ending === undefined) this.#aliases.set(keyOf(compute.target, id), compute);
  }

  /** @throws ResourceNotFoundException when it does not run, RetryableConflictException while it starts or ends. */
  async stop(target: Target, sessionId: string): Promise<void> {
    const compute = this.#computes.get(keyOf(target, sessionId));
    if (!compute)
      throw notFound(
        `No session ${sessionId} of ${target.runtimeId} (${target.endpoint}) runs here; it may have ended by itself.`,
      );
    if (!compute.isReady || compute.ending !== undefined) throw inTransition();
    this.#stopping.add(compute);
    await compute.end('it was stopped');
  }

  async end(scope: Scope, runtimeId: string, endpoint?: string): Promise<void> {
    const reason = endpoint === undefined ? 'its runtime was deleted' : 'its endpoint was deleted';
    const ending = [...this.#computes.values()].filter(
      ({ target }) =>
        target.runtimeId === runtimeId &&
        target.scope.account === scope.account &&
        target.scope.region === scope.region &&
        (endpoint === undefined || target.endpoint === endpoint),
    );
    await Promise.all(ending.map((compute) => compute.end(reason)));
    if (endpoint !== undefined) return;
    await this.#parts.bytecode.stop(scope, runtimeId);
    await this.#parts.storage.remove(scope, runtimeId);
  }

  /** Ends every session and starts no more. */
  async close(reason = 'the engine was shut down'): Promise<void> {
    this.#closing = reason;
    await Promise.all([...this.#computes.values()].map((compute) => compute.end(reason)));
    await this.#parts.bytecode.close();
  }

  async #compute(target: Target, sessionId: string): Promise<Compute> {
    const key = keyOf(target, sessionId);
    for (;;) {
      if (this.#closing !== undefined) throw internal(`No session can start: ${this.#closing}. Try again.`);
      const running = this.#computes.get(key);
      if (!running) return this.#start(key, target, sessionId);
      if (running.ending === undefined) return running;
      if (this.#stopping.has(running)) throw inTransition();
      await running.ended;
    }
  }

  #start(key: string, target: Target, sessionId: string): Compute {
    const compute = new Compute(this.#parts, target, sessionId);
    this.#computes.set(key, compute);
    void compute.ended.then(() => {
      this.#computes.delete(key);
      for (const [alias, aliased] of this.#aliases) if (aliased === compute) this.#aliases.delete(alias);
      this.#parts.log.info(`session ${sessionId} of ${target.runtimeId} ended: ${compute.ending}`);
    });
    return compute;
  }
}

function keyOf({ scope, runtimeId, endpoint }: Target, sessionId: string): string {
  return JSON.stringify([scope.account, scope.region, runtimeId, endpoint, sessionId]);
}

function inTransition(): RetryableConflictException {
  return new RetryableConflictException({
    $metadata: {},
    message: 'Session operation in progress, please retry',
  });
}
