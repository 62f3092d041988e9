import { isInitializeRequest, isLegacyRequest, type McpServerFactory } from '@modelcontextprotocol/server';
import { LegacySession } from './legacy-session.ts';

export interface SessionLimits {
  /** Kept at the same time. One more takes the place of the one longest unused. */
  maxSessions: number;
  /** Without requests and open streams, in milliseconds, after which a session ends. */
  idleSessionMs: number;
}

/**
 * The sessions of clients up to 2025-11-25. A client gets one with `initialize`, so that its later messages reach the
 * server that runs its calls: cancelling one, or answering what a call asks.
 *
 * A session is not bound to its client's token: there is one token, and every request is checked against it.
 */
export class LegacySessions {
  readonly #factory: McpServerFactory;
  readonly #limits: SessionLimits;
  /** By id; the one used last is at the end. */
  readonly #sessions = new Map<string, LegacySession>();

  constructor(factory: McpServerFactory, limits: SessionLimits) {
    this.#factory = factory;
    this.#limits = limits;
  }

  has(id: string | string[] | undefined): boolean {
    return typeof id === 'string' && this.#sessions.has(id);
  }

  /**
   * @param message of a POST.
   * @returns undefined for what belongs to no session: requests since 2026-07-28, without an id or with an unknown one
   *   (of a platform in front, or of before a restart), and `initialize` when all sessions are at work.
   */
  async answer(request: Request, message: unknown): Promise<Response | undefined> {
    if (!(await isLegacyRequest(request, message))) return undefined;
    if (isInitializeRequest(message)) return this.#open(request, message);
    const session = this.#sessions.get(request.headers.get('mcp-session-id') ?? '');
    if (!session) return undefined;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    return session.answer(request, message);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#sessions.values(), (session) => session.close()));
  }

  async #open(request: Request, message: unknown): Promise<Response | undefined> {
    if (!this.#makeRoom()) return undefined;
    const session = new LegacySession(this.#factory, this.#limits.idleSessionMs, ({ id }) =>
      this.#sessions.delete(id),
    );
    this.#sessions.set(session.id, session);
    let opened = false;
    try {
      const response = await session.answer(request, message);
      opened = response.ok;
      return response;
    } finally {
      if (!opened) await session.close();
    }
  }

  /** Closes a session if it must, rather one that nobody listens to. @returns whether there is room for one more. */
  #makeRoom(): boolean {
    if (this.#sessions.size < this.#limits.maxSessions) return true;
    const spare = [...this.#sessions.values()].filter(({ isRunning }) => !isRunning);
    const closed = spare.find(({ isListening }) => !isListening) ?? spare[0];
    void closed?.close();
    return closed !== undefined;
  }
}
