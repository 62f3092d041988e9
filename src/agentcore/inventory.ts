import type { AgentCore } from './agentcore.ts';
import type { AgentSession } from './agents/sessions.ts';
import { systemInterpreter } from './code-interpreter.ts';

/** One thing that AgentCore holds. */
export interface Item {
  kind: Kind;
  id: string;
  name?: string;
  state?: string;
  version?: string;
  created?: string;
}

export interface Page {
  items: Item[];
  nextToken?: string;
}

export interface Query {
  maxResults: number;
  nextToken?: string;
  /** Sessions that have ended instead of those that run. */
  ended: boolean;
  signal: AbortSignal;
}

export const kinds = ['code_interpreter', 'code_session', 'runtime', 'agent_session'] as const;
export type Kind = (typeof kinds)[number];
/** What AgentCore can list. */
type ListedKind = Exclude<Kind, 'agent_session'>;

export const sessionKinds: readonly Kind[] = ['code_session', 'agent_session'];

/** How each kind is listed, one page at a time. Code sessions are those of the interpreter that every account has. */
export const listings: Record<ListedKind, (agentcore: AgentCore, query: Query) => Promise<Page>> = {
  async code_interpreter(agentcore, { maxResults, nextToken, signal }) {
    const { ListCodeInterpretersCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
    const client = await agentcore.control();
    const page = await client.send(new ListCodeInterpretersCommand({ maxResults, nextToken }), {
      abortSignal: signal,
    });
    const items = (page.codeInterpreterSummaries ?? []).map((interpreter) => ({
      kind: 'code_interpreter' as const,
      id: interpreter.codeInterpreterId ?? '',
      name: interpreter.name,
      state: interpreter.status,
    }));
    return { items, nextToken: page.nextToken };
  },

  async code_session(agentcore, { maxResults, nextToken, ended, signal }) {
    const { ListCodeInterpreterSessionsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await agentcore.data();
    const page = await client.send(
      new ListCodeInterpreterSessionsCommand({
        codeInterpreterIdentifier: systemInterpreter,
        status: ended ? 'TERMINATED' : 'READY',
        maxResults,
        nextToken,
      }),
      { abortSignal: signal },
    );
    const items = (page.items ?? []).map((session) => ({
      kind: 'code_session' as const,
      id: session.sessionId ?? '',
      name: session.name,
      state: session.status,
      created: session.createdAt?.toISOString(),
    }));
    return { items, nextToken: page.nextToken };
  },

  async runtime(agentcore, { maxResults, nextToken, signal }) {
    const { ListAgentRuntimesCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
    const client = await agentcore.control();
    const page = await client.send(new ListAgentRuntimesCommand({ maxResults, nextToken }), {
      abortSignal: signal,
    });
    const items = (page.agentRuntimes ?? []).map((runtime) => ({
      kind: 'runtime' as const,
      id: runtime.agentRuntimeId ?? '',
      name: runtime.agentRuntimeName,
      state: runtime.status,
      version: runtime.agentRuntimeVersion,
    }));
    return { items, nextToken: page.nextToken };
  },
};

/** The sessions of agents that this server has used, all on one page: AgentCore has no call that lists them. */
export function agentSessionsPage(known: readonly AgentSession[], ended: boolean): Page {
  const items = known.map(({ id, label, agent }) => ({
    kind: 'agent_session' as const,
    id,
    name: label ? `${label} (${agent.name})` : agent.name,
  }));
  return { items: ended ? [] : items };
}

/** Whether there are code interpreters besides the one that every account has. */
export async function hasCustomInterpreters(agentcore: AgentCore, signal: AbortSignal): Promise<boolean> {
  const { ListCodeInterpretersCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new ListCodeInterpretersCommand({ type: 'CUSTOM', maxResults: 1 });
  const { codeInterpreterSummaries = [], nextToken } = await client.send(command, { abortSignal: signal });
  return codeInterpreterSummaries.length > 0 || nextToken !== undefined;
}
