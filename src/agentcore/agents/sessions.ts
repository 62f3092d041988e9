import { randomUUID } from 'node:crypto';
import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import type { Agent } from './agents.ts';
import { stopWithBearer } from './bearer.ts';
import { agentSessionId } from './names.ts';

/** Of too many, the one that was used longest ago is forgotten; it goes on all the same. */
const MAX_KNOWN = 200;
/** Of those that have ended, likewise. */
const MAX_ENDED = 1000;

/** A session of an agent that this server has used. AgentCore has no call that lists them. */
export interface AgentSession {
  id: string;
  /** What the caller called it, when that was no id. */
  label?: string;
  agent: Pick<Agent, 'arn' | 'name' | 'region'>;
  /** The endpoint. */
  qualifier?: string;
  /** The token it was last called with, where its agent wants one. */
  bearer?: string;
}

/** The sessions of agents that this process knows. */
export class AgentSessions {
  readonly #agentcore: AgentCore;
  readonly #known = new Map<string, AgentSession>();
  readonly #ended = new Set<string>();

  constructor(agentcore: AgentCore) {
    this.#agentcore = agentcore;
  }

  /** The most recently used last. */
  get known(): AgentSession[] {
    return [...this.#known.values()];
  }

  /**
   * The session of a handle, or a new one; its compute comes with the first call. It has `earlier` where one of the same
   * id is known to have ended, so that nothing of that is in it.
   * @throws ToolFailure `InvalidArgument` for a blank label.
   */
  open(
    handle: string | undefined,
    agent: Agent,
    { qualifier, bearer }: Pick<AgentSession, 'qualifier' | 'bearer'> = {},
  ): AgentSession & { isNew: boolean; earlier: boolean } {
    if (handle !== undefined && handle.trim() === '')
      throw new ToolFailure({
        code: 'InvalidArgument',
        message: 'session is blank; it must be an id or a label.',
        hint: 'Leave session out for a new one.',
      });
    const id = handle === undefined ? randomUUID() : agentSessionId(handle);
    const label = handle === id ? undefined : handle;
    const key = keyOf({ agent, id, qualifier });
    const isNew = !this.#known.has(key);
    const earlier = this.#ended.delete(key);
    const session = { id, label, agent, qualifier, bearer };
    this.#known.delete(key);
    this.#known.set(key, session);
    const [first = ''] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN) this.#known.delete(first);
    return { ...session, isNew, earlier };
  }

  /** The sessions that a handle can mean. */
  find(handle: string, agent?: Pick<Agent, 'arn'>): AgentSession[] {
    const id = agentSessionId(handle);
    return this.known.filter((session) => session.id === id && (!agent || session.agent.arn === agent.arn));
  }

  /** Ends a session, after which it is not known any more; so also when it has ended already. */
  async stop(session: AgentSession, signal: AbortSignal): Promise<void> {
    const { bearer } = session;
    try {
      await (bearer ? this.#stopBearing({ ...session, bearer }, signal) : this.#stopSigned(session, signal));
    } catch (error) {
      if (isGone(error)) this.#known.delete(keyOf(session));
      throw error;
    }
    this.ended(session);
  }

  /** Notes that a session has ended. */
  ended(session: AgentSession): void {
    const key = keyOf(session);
    this.#known.delete(key);
    this.#ended.add(key);
    const [first = ''] = this.#ended;
    if (this.#ended.size > MAX_ENDED) this.#ended.delete(first);
  }

  async #stopSigned({ agent, id, qualifier }: AgentSession, signal: AbortSignal): Promise<void> {
    const { StopRuntimeSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.#agentcore.data(agent.region);
    const input = { agentRuntimeArn: agent.arn, runtimeSessionId: id, qualifier };
    await client.send(new StopRuntimeSessionCommand(input), { abortSignal: signal });
  }

  async #stopBearing(session: AgentSession & { bearer: string }, signal: AbortSignal): Promise<void> {
    const url = await this.#agentcore.dataUrl(session.agent.region);
    await stopWithBearer(url, { ...session, session: session.id }, signal);
  }
}

const isGone = (error: unknown) =>
  error instanceof ToolFailure
    ? error.details.code === 'ResourceNotFound'
    : (error as Error).name === 'ResourceNotFoundException';

const keyOf = ({
  agent,
  id,
  qualifier = 'DEFAULT',
}: Pick<AgentSession, 'id' | 'qualifier'> & { agent: { arn: string } }) => `${agent.arn} ${qualifier} ${id}`;
