import type { AgentCore } from './agentcore.ts';
import { type SessionRef, systemInterpreter } from './code-interpreter.ts';
import { everyPage } from './every-page.ts';
import { customInterpreters, type Item, sessionsOf } from './inventory.ts';

/** Labels and sessions that are known without asking for them. */
const MAX_KNOWN = 100;

/** Where code sessions are: each belongs to one interpreter, which its id does not tell. */
export class SessionDirectory {
  readonly #agentcore: AgentCore;
  /** The interpreter of a session by its id, where it was seen running. */
  readonly #interpreters = new Map<string, string>();

  constructor(agentcore: AgentCore) {
    this.#agentcore = agentcore;
  }

  remember({ id, interpreter }: SessionRef): void {
    rememberIn(this.#interpreters, id, interpreter);
  }

  forget(id: string): void {
    this.#interpreters.delete(id);
  }

  /** A session that was running when it was last asked for. */
  seen(id: string): SessionRef | undefined {
    const interpreter = this.#interpreters.get(id);
    return interpreter === undefined ? undefined : { id, interpreter };
  }

  /**
   * Does something with a session of which only the id is known, at its interpreter: the one it was seen at, else the one of
   * every account, else whichever has it.
   * @throws what `work` throws: ResourceNotFoundException where no interpreter has the session.
   */
  async at<T>(id: string, signal: AbortSignal, work: (session: SessionRef) => Promise<T>): Promise<T> {
    const known = this.#interpreters.get(id);
    try {
      return await work({ id, interpreter: known ?? systemInterpreter });
    } catch (error) {
      if (known || !isNotFound(error)) throw error;
      for (const interpreter of await this.#custom(signal)) {
        const found = await unlessClosed(async () => ({ done: await work({ id, interpreter }) }));
        if (!found) continue;
        this.remember({ id, interpreter });
        return found.done;
      }
      throw error;
    }
  }

  /** The READY sessions of this name, of whatever interpreter. */
  async named(name: string, signal: AbortSignal): Promise<Item[]> {
    const found = await this.#sessionsOf(systemInterpreter, signal);
    for (const interpreter of await this.#custom(signal))
      found.push(...((await unlessClosed(() => this.#sessionsOf(interpreter, signal))) ?? []));
    return found.filter((session) => session.name === name);
  }

  #sessionsOf(interpreter: string, signal: AbortSignal): Promise<Item[]> {
    return everyPage((page) => sessionsOf(this.#agentcore, interpreter, { ...page, ended: false, signal }));
  }

  /** The ids of the custom interpreters; none for who may not list them. */
  async #custom(signal: AbortSignal): Promise<string[]> {
    const all = (await unlessClosed(() => customInterpreters(this.#agentcore, signal))) ?? [];
    return all.map(({ id }) => id);
  }

  /** The session with this id, if it runs. */
  async ready(id: string, signal: AbortSignal): Promise<SessionRef | undefined> {
    const { GetCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.#agentcore.data();
    try {
      return await this.at(id, signal, async (session) => {
        const input = { codeInterpreterIdentifier: session.interpreter, sessionId: id };
        const command = new GetCodeInterpreterSessionCommand(input);
        const { status } = await client.send(command, { abortSignal: signal });
        if (status === 'READY') this.remember(session);
        else this.forget(id);
        return status === 'READY' ? session : undefined;
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.forget(id);
      return undefined;
    }
  }
}

const isNotFound = (error: unknown) => (error as Error).name === 'ResourceNotFoundException';

/** What an interpreter gives; undefined where the caller may not look there, or it has gone. It may be anybody's of the account. */
async function unlessClosed<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isNotFound(error) || (error as Error).name === 'AccessDeniedException') return undefined;
    throw error;
  }
}

/** Of too many, the one that was remembered first is forgotten; a listing still finds it. */
export function rememberIn<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  const [first = ''] = known.keys();
  if (known.size > MAX_KNOWN) known.delete(first);
}
