import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { systemInterpreter } from './code-interpreter.ts';
import { type Item, listings } from './inventory.ts';
import { isSessionId, sessionName } from './labels.ts';

/** Time to live of the sessions we start, counted from the start whether used or not. AWS allows 8 hours. */
export const LIFETIME_SECONDS = 3600;
const PAGE = 100;
/** Labels whose session is known without listing all of them. */
const MAX_KNOWN = 100;
/** For what follows the start of a session with a label. */
const SETTLE_MS = 30_000;

export interface CodeSession {
  id: string;
  /** Whether this call started it, so that nothing of earlier calls is in it. */
  started: boolean;
  /** The session that its label stood for earlier, of which this server knows that it has ended. */
  earlier?: string;
}

/** Code sessions by id or by label. A label stands for the READY session whose name was made of it. */
export class CodeSessions {
  readonly #agentcore: AgentCore;
  readonly #lastKnown = new Map<string, string>();
  readonly #starting = new Map<string, Promise<CodeSession>>();

  constructor(agentcore: AgentCore) {
    this.#agentcore = agentcore;
  }

  /**
   * The session of a handle; a new one when there is no handle, or none for its label. A new one is there also when the
   * signal has aborted, so the caller looks at it afterwards.
   * @throws ToolFailure `SessionEnded` for the id of a session that does not run, `InvalidArgument` for a blank label.
   */
  async open(handle: string | undefined, signal: AbortSignal): Promise<CodeSession> {
    if (handle === undefined) return this.#start();
    if (isSessionId(handle)) {
      if (!(await this.#isReady(handle, signal))) throw ended(handle);
      return { id: handle, started: false };
    }
    const name = nameOf(handle);
    const known = this.#lastKnown.get(name);
    const found = await this.#find(name, signal);
    if (found) return { id: found, started: false };
    const starting = this.#starting.get(name) ?? this.#startShared(name);
    this.#starting.set(name, starting);
    try {
      const session = await starting;
      return session.started ? { ...session, earlier: known } : session;
    } finally {
      this.#starting.delete(name);
    }
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
    const id = isSessionId(handle) ? handle : await this.#find(nameOf(handle), signal);
    if (!id)
      throw new ToolFailure({
        code: 'NotFound',
        message: `No running session has the label "${handle}".`,
        hint: 'list_resources names the sessions there are. For a session of an agent, name the agent as well.',
      });
    await this.#stop(id, signal);
    return id;
  }

  async #stop(sessionId: string, signal: AbortSignal): Promise<void> {
    const { StopCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.#agentcore.data();
    const input = { codeInterpreterIdentifier: systemInterpreter, sessionId };
    await client.send(new StopCodeInterpreterSessionCommand(input), { abortSignal: signal });
  }

  /**
   * Another client may have started one of this name at the same time. Each looks again after its start, so all come to
   * the oldest, and what they started in vain is stopped.
   */
  async #startShared(name: string): Promise<CodeSession> {
    const own = await this.#start(name);
    const signal = AbortSignal.timeout(SETTLE_MS);
    const [oldest = own] = byAge([own, ...(await this.#named(name, signal))]);
    this.#remember(name, oldest.id);
    if (oldest.id === own.id) return own;
    await this.#stop(own.id, signal).catch(() => {});
    return { id: oldest.id, started: false };
  }

  /** No caller can cancel it: several may wait for one with a name, and one that was asked for comes into being anyway. */
  async #start(name?: string): Promise<CodeSession & { created?: string }> {
    const { StartCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.#agentcore.data();
    const { sessionId = '', createdAt } = await client.send(
      new StartCodeInterpreterSessionCommand({
        codeInterpreterIdentifier: systemInterpreter,
        name,
        sessionTimeoutSeconds: LIFETIME_SECONDS,
      }),
    );
    return { id: sessionId, started: true, created: createdAt?.toISOString() };
  }

  /** The READY session of this name; of several the oldest, so that everybody finds the same one. */
  async #find(name: string, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#lastKnown.get(name);
    if (known && (await this.#isReady(known, signal))) return known;
    const [oldest] = byAge(await this.#named(name, signal));
    if (oldest) this.#remember(name, oldest.id);
    else this.#lastKnown.delete(name);
    return oldest?.id;
  }

  /** Of too many, the one that was remembered first is forgotten; the listing still finds it. */
  #remember(name: string, sessionId: string): void {
    this.#lastKnown.delete(name);
    this.#lastKnown.set(name, sessionId);
    const [first = ''] = this.#lastKnown.keys();
    if (this.#lastKnown.size > MAX_KNOWN) this.#lastKnown.delete(first);
  }

  /** The READY sessions of this name. */
  async #named(name: string, signal: AbortSignal): Promise<Item[]> {
    const found: Item[] = [];
    let nextToken: string | undefined;
    do {
      const query = { maxResults: PAGE, nextToken, ended: false, signal };
      const page = await listings.code_session(this.#agentcore, query);
      found.push(...page.items.filter((session) => session.name === name));
      nextToken = page.nextToken;
    } while (nextToken);
    return found;
  }

  async #isReady(sessionId: string, signal: AbortSignal): Promise<boolean> {
    const { GetCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.#agentcore.data();
    const input = { codeInterpreterIdentifier: systemInterpreter, sessionId };
    try {
      const { status } = await client.send(new GetCodeInterpreterSessionCommand(input), {
        abortSignal: signal,
      });
      return status === 'READY';
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return false;
      throw error;
    }
  }
}

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

function ended(id: string): ToolFailure {
  return new ToolFailure({
    code: 'SessionEnded',
    message: `Session ${id} does not run: it has ended, or it is of another account or region.`,
    hint: 'What was in it is gone. Leave session out for a new one, or give a label; list_resources names running ones.',
  });
}
