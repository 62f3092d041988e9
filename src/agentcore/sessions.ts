import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { type SessionRef, systemInterpreter } from './code-interpreter.ts';
import { findInternetInterpreter, hasInternet } from './interpreters.ts';
import type { Item } from './inventory.ts';
import { isSessionId, sessionName } from './labels.ts';
import { rememberIn, SessionDirectory } from './session-directory.ts';

/** Time to live of the sessions we start, counted from the start whether used or not. AWS allows 8 hours. */
export const LIFETIME_SECONDS = 3600;
/** For what follows the start of a session with a label. */
const SETTLE_MS = 30_000;
/** For finding the interpreter with internet, or making it. */
const MAKE_MS = 60_000;

export interface CodeSession extends SessionRef {
  /** Whether this call started it, so that nothing of earlier calls is in it. */
  started: boolean;
  /** The session that its label stood for earlier, of which this server knows that it has ended. */
  earlier?: string;
}

/** Code sessions by id or by label. A label stands for the READY session whose name was made of it. */
export class CodeSessions {
  readonly #agentcore: AgentCore;
  readonly #directory: SessionDirectory;
  readonly #lastKnown = new Map<string, SessionRef>();
  readonly #starting = new Map<string, Promise<CodeSession>>();

  constructor(agentcore: AgentCore) {
    this.#agentcore = agentcore;
    this.#directory = new SessionDirectory(agentcore);
  }

  /**
   * The session of a handle; a new one when there is no handle, or none for its label. A new one is there also when the
   * signal has aborted, so the caller looks at it afterwards.
   * @param internet Whether a new one is to have internet, and one that is there must have it.
   * @throws ToolFailure `SessionEnded` for the id of a session that is not known to have run; one that is known is not
   * asked for again, see {@link ending}. `InvalidArgument` for a blank label,
   * `NoInternet` where a session is there and has none.
   */
  async open(handle: string | undefined, signal: AbortSignal, internet = false): Promise<CodeSession> {
    if (handle === undefined) return this.#start(internet);
    const session = isSessionId(handle)
      ? await this.#openById(handle, signal)
      : await this.#openByName(nameOf(handle), signal, internet);
    const isOwn = session.started && session.interpreter !== systemInterpreter;
    if (!internet || isOwn || (await hasInternet(this.#agentcore, session.interpreter, signal)))
      return session;
    throw offline(handle);
  }

  async #openById(id: string, signal: AbortSignal): Promise<CodeSession> {
    const found = this.#directory.seen(id) ?? (await this.#directory.ready(id, signal));
    if (!found) throw ended(id);
    return { ...found, started: false };
  }

  async #openByName(name: string, signal: AbortSignal, internet: boolean): Promise<CodeSession> {
    const known = this.#lastKnown.get(name);
    const found = await this.#find(name, signal);
    if (found) return { ...found, started: false };
    const starting = this.#starting.get(name) ?? this.#startShared(name, internet);
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

  /** Whether a READY session has this label. */
  async has(label: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#find(nameOf(label), signal)) !== undefined;
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
    const session = await this.#find(nameOf(handle), signal);
    if (!session)
      throw new ToolFailure({
        code: 'NotFound',
        message: `No running session has the label "${handle}".`,
        hint: 'list_resources names the sessions there are. For a session of an agent, name the agent as well.',
      });
    await this.#stop(session, signal);
    return session.id;
  }

  async #stop({ id: sessionId, interpreter }: SessionRef, signal: AbortSignal): Promise<void> {
    const { StopCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.#agentcore.data();
    const input = { codeInterpreterIdentifier: interpreter, sessionId };
    this.#directory.forget(sessionId);
    await client.send(new StopCodeInterpreterSessionCommand(input), { abortSignal: signal });
  }

  /**
   * Another client may have started one of this name at the same time. Each looks again after its start, so all come to
   * the oldest, and what they started in vain is stopped.
   */
  async #startShared(name: string, internet: boolean): Promise<CodeSession> {
    const own = await this.#start(internet, name);
    const signal = AbortSignal.timeout(SETTLE_MS);
    const [oldest = own] = byAge([own, ...(await this.#directory.named(name, signal))]);
    rememberIn(this.#lastKnown, name, refOf(oldest));
    if (oldest.id === own.id) return own;
    await this.#stop(own, signal).catch(() => {});
    return { ...refOf(oldest), started: false };
  }

  /** No caller can cancel it: several may wait for one with a name, and one that was asked for comes into being anyway. */
  async #start(internet: boolean, name?: string): Promise<CodeSession & { created?: string }> {
    const { StartCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.#agentcore.data();
    const interpreter = internet
      ? await findInternetInterpreter(this.#agentcore, AbortSignal.timeout(MAKE_MS))
      : systemInterpreter;
    const { sessionId = '', createdAt } = await client.send(
      new StartCodeInterpreterSessionCommand({
        codeInterpreterIdentifier: interpreter,
        name,
        sessionTimeoutSeconds: LIFETIME_SECONDS,
      }),
    );
    this.#directory.remember({ id: sessionId, interpreter });
    return { id: sessionId, interpreter, started: true, created: createdAt?.toISOString() };
  }

  /** The READY session of this name; of several the oldest, so that everybody finds the same one. */
  async #find(name: string, signal: AbortSignal): Promise<SessionRef | undefined> {
    const known = this.#lastKnown.get(name);
    if (known && (await this.#directory.ready(known.id, signal))) return known;
    const [oldest] = byAge(await this.#directory.named(name, signal));
    if (oldest) rememberIn(this.#lastKnown, name, refOf(oldest));
    else this.#lastKnown.delete(name);
    return oldest && refOf(oldest);
  }
}

const refOf = ({ id, interpreter = systemInterpreter }: Pick<Item, 'id' | 'interpreter'>): SessionRef => ({
  id,
  interpreter,
});

/** A blank label would be one session of all who leave the argument empty. */
function nameOf(label: string): string {
  if (label.trim() !== '') return sessionName(label);
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `session is ${label === '' ? 'empty' : 'blank'}; it must be an id or a label.`,
    hint: 'list_resources names the sessions there are; run_code without session starts a new one.',
  });
}

/** The oldest first; of two that began in the same moment, the one with the smaller id. */
function byAge<Session extends { id: string; created?: string }>(sessions: readonly Session[]): Session[] {
  const age = ({ created = '', id }: Session) => `${created} ${id}`;
  return sessions.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}

function offline(handle: string): ToolFailure {
  return new ToolFailure({
    code: 'NoInternet',
    message: `The session ${handle} is there already, and it has no internet.`,
    hint: 'Leave internet out to use it as it is, or give another label, or none, for a new session with internet.',
  });
}

function ended(id: string, why?: string): ToolFailure {
  return new ToolFailure({
    code: 'SessionEnded',
    message: why ?? `Session ${id} does not run: it has ended, or it is of another account or region.`,
    hint: 'What was in it is gone. Leave session out for a new one, or give a label; list_resources names running ones.',
  });
}
