import type { AgentCore } from '../agentcore.ts';
import { everyPage } from '../every-page.ts';
import type { Item } from '../items.ts';
import type { SessionPlaces, SessionRef } from './session-tool.ts';
import { isNotFound, unlessClosed } from './unless-closed.ts';

/** Labels and sessions that are known without asking for them. */
const MAX_KNOWN = 100;

/** Where the sessions of a built-in tool are: each belongs to one resource, which its id does not tell. */
export class SessionDirectory {
  readonly #agentcore: AgentCore;
  readonly #tool: SessionPlaces;
  /** The resource of a session by its id, where it was seen running. */
  readonly #resources = new Map<string, string>();

  constructor(agentcore: AgentCore, tool: SessionPlaces) {
    this.#agentcore = agentcore;
    this.#tool = tool;
  }

  remember({ id, resource }: SessionRef): void {
    rememberIn(this.#resources, id, resource);
  }

  forget(id: string): void {
    this.#resources.delete(id);
  }

  /** A session that was running when it was last asked for. */
  seen(id: string): SessionRef | undefined {
    const resource = this.#resources.get(id);
    return resource === undefined ? undefined : { id, resource };
  }

  /**
   * Does something with a session of which only the id is known, at its resource: the one it was seen at, else the one of
   * every account, else whichever has it.
   * @throws what `work` throws: ResourceNotFoundException where no resource has the session.
   */
  async at<T>(id: string, signal: AbortSignal, work: (session: SessionRef) => Promise<T>): Promise<T> {
    const known = this.#resources.get(id);
    try {
      return await work({ id, resource: known ?? this.#tool.system });
    } catch (error) {
      if (known || !isNotFound(error)) throw error;
      for (const resource of await this.#custom(signal)) {
        const found = await unlessClosed(async () => ({ done: await work({ id, resource }) }));
        if (!found) continue;
        this.remember({ id, resource });
        return found.done;
      }
      throw error;
    }
  }

  /** The READY sessions of this name, of whatever resource. */
  async named(name: string, signal: AbortSignal): Promise<Item[]> {
    const found = await this.#sessionsOf(this.#tool.system, signal);
    for (const resource of await this.#custom(signal))
      found.push(...((await unlessClosed(() => this.#sessionsOf(resource, signal))) ?? []));
    return found.filter((session) => session.name === name);
  }

  #sessionsOf(resource: string, signal: AbortSignal): Promise<Item[]> {
    return everyPage((page) =>
      this.#tool.sessionsOf(this.#agentcore, resource, { ...page, ended: false, signal }),
    );
  }

  /** The ids of the custom resources; none for who may not list them. */
  async #custom(signal: AbortSignal): Promise<string[]> {
    const all = (await unlessClosed(() => this.#tool.custom(this.#agentcore, signal))) ?? [];
    return all.map(({ id }) => id);
  }

  /** The session with this id, if it runs. */
  async ready(id: string, signal: AbortSignal): Promise<SessionRef | undefined> {
    try {
      return await this.at(id, signal, async (session) => {
        const status = await this.#tool.status(this.#agentcore, session, signal);
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

/** Of too many, the one that was remembered first is forgotten; a listing still finds it. */
export function rememberIn<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  const [first = ''] = known.keys();
  if (known.size > MAX_KNOWN) known.delete(first);
}
