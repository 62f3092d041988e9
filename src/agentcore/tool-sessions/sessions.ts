import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import type { Item } from '../items.ts';
import { isSessionId, sessionName } from '../labels.ts';
import { rememberIn, SessionDirectory } from './directory.ts';
import type { SessionRef, SessionTool } from './session-tool.ts';

/** For what follows the start of a session with a label. */
const SETTLE_MS = 30_000;

export interface OpenSession extends SessionRef {
  /** Whether this call started it, so that nothing of earlier calls is in it. */
  started: boolean;
  /** The session that its label stood for earlier, of which this server knows that it has ended. */
  earlier?: string;
}

/** Sessions of a built-in tool by id or by label. A label stands for the READY session whose name was made of it. */
export class ToolSessions<Options extends object> {
  protected readonly agentcore: AgentCore;
  readonly #tool: SessionTool<Options>;
  readonly #directory: SessionDirectory;
  readonly #lastKnown = new Map<string, SessionRef>();
  readonly #starting = new Map<string, Promise<OpenSession>>();

  constructor(agentcore: AgentCore, tool: SessionTool<Options>) {
    this.agentcore = agentcore;
    this.#tool = tool;
    this.#directory = new SessionDirectory(agentcore, tool);
  }

  /**
   * The session of a handle; a new one when there is no handle, or none for its label. A new one is there also when the
   * signal has aborted, so the caller looks at it afterwards.
   * @param options For a new one.
   * @throws ToolFailure `SessionEnded` for the id of a session that is not known to have run; one that is known is not
   * asked for again, see {@link ending}. `InvalidArgument` for a blank label.
   */
  async open(handle: string | undefined, signal: AbortSignal, options: Options): Promise<OpenSession> {
    if (handle === undefined) return this.#start(options);
    return isSessionId(handle)
      ? this.#openById(handle, signal)
      : this.#openByName(this.#nameOf(handle), signal, options);
  }

  async #openById(id: string, signal: AbortSignal): Promise<OpenSession> {
    const found = this.#directory.seen(id) ?? (await this.#directory.ready(id, signal));
    if (!found) throw ended(id);
    return { ...found, started: false };
  }

  async #openByName(name: string, signal: AbortSignal, options: Options): Promise<OpenSession> {
    const known = this.#lastKnown.get(name);
    const found = await this.#find(name, signal);
    if (found) return { ...found, started: false };
    const starting = this.#starting.get(name) ?? this.#startShared(name, options);
    this.#starting.set(name, starting);
    try {
      const session = await starting;
      return session.started ? { ...session, earlier: known?.id } : session;
    } finally {
      this.#starting.delete(name);
    }
  }

  /** Does something with a session of which only the id is known; see {@link SessionDirectory.at}. */
  at<T>(id: string, signal: AbortSignal, work: (session: SessionRef) => Promise<T>): Promise<T> {
    return this.#directory.at(id, signal, work);
  }

  /** What to say of a call that failed because its session has ended; undefined where that is not the reason. */
  async ending(id: string, error: unknown, signal: AbortSignal): Promise<ToolFailure | undefined> {
    const { name, message } = error as Error;
    const isConflict = name === 'ConflictException';
    if (!isConflict && name !== 'ResourceNotFoundException') return undefined;
    if (await this.#directory.ready(id, signal)) return undefined;
    return ended(id, isConflict ? message : undefined);
  }

  /** Whether this server has seen the session with this id running. */
  knows(id: string): boolean {
    return this.#directory.seen(id) !== undefined;
  }

  /** Whether a READY session has this label. */
  async has(label: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#find(this.#nameOf(label), signal)) !== undefined;
  }

  /**
   * Ends a session.
   * @returns its id.
   * @throws ToolFailure `NotFound` when no session has this label, `InvalidArgument` for a blank one.
   */
  async stop(handle: string, signal: AbortSignal): Promise<string> {
    if (isSessionId(handle)) {
      await this.at(handle, signal, (session) => this.#stop(session, signal));
      return handle;
    }
    const session = await this.#find(this.#nameOf(handle), signal);
    if (!session)
      throw new ToolFailure({
        code: 'NotFound',
        message: `No running session has the label "${handle}".`,
        hint: 'list_resources names the sessions there are. For a session of an agent, name the agent as well.',
      });
    await this.#stop(session, signal);
    return session.id;
  }

  async #stop(session: SessionRef, signal: AbortSignal): Promise<void> {
    this.#directory.forget(session.id);
    await this.#tool.stop(this.agentcore, session, signal);
  }

  /**
   * Another client may have started one of this name at the same time. Each looks again after its start, so all come to
   * the oldest, and what they started in vain is stopped.
   */
  async #startShared(name: string, options: Options): Promise<OpenSession> {
    const own = await this.#start(options, name);
    const signal = AbortSignal.timeout(SETTLE_MS);
    const [oldest = own] = byAge([own, ...(await this.#directory.named(name, signal))]);
    rememberIn(this.#lastKnown, name, this.#refOf(oldest));
    if (oldest.id === own.id) return own;
    await this.#stop(own, signal).catch(() => {});
    return { ...this.#refOf(oldest), started: false };
  }

  /** No caller can cancel it: several may wait for one with a name, and one that was asked for comes into being anyway. */
  async #start(options: Options, name?: string): Promise<OpenSession & { created?: string }> {
    const session = await this.#tool.start(this.agentcore, { ...options, name });
    this.#directory.remember(session);
    return { ...session, started: true };
  }

  /** The READY session of this name; of several the oldest, so that everybody finds the same one. */
  async #find(name: string, signal: AbortSignal): Promise<SessionRef | undefined> {
    const known = this.#lastKnown.get(name);
    if (known && (await this.#directory.ready(known.id, signal))) return known;
    const [oldest] = byAge(await this.#directory.named(name, signal));
    if (oldest) rememberIn(this.#lastKnown, name, this.#refOf(oldest));
    else this.#lastKnown.delete(name);
    return oldest && this.#refOf(oldest);
  }

  #refOf({ id, resource = this.#tool.system }: Pick<Item, 'id' | 'resource'>): SessionRef {
    return { id, resource };
  }

  /** A blank label would be one session of all who leave the argument empty. */
  #nameOf(label: string): string {
    if (label.trim() !== '') return sessionName(label);
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `session is ${label === '' ? 'empty' : 'blank'}; it must be an id or a label.`,
      hint: `list_resources names the sessions there are; ${this.#tool.tool} without session starts a new one.`,
    });
  }
}

/** The oldest first; of two that began in the same moment, the one with the smaller id. */
function byAge<Session extends { id: string; created?: string }>(sessions: readonly Session[]): Session[] {
  const age = ({ created = '', id }: Session) => `${created} ${id}`;
  return sessions.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}

/** What to say of a session that does not run. */
export function ended(id: string, why?: string): ToolFailure {
  return new ToolFailure({
    code: 'SessionEnded',
    message: why ?? `Session ${id} does not run: it has ended, or it is of another account or region.`,
    hint: 'What was in it is gone. Leave session out for a new one, or give a label; list_resources names running ones.',
  });
}
