import type { AgentCore } from './agentcore.ts';
import type { AgentSession } from './agents/sessions.ts';
import { browsersOf, profilesOf } from './browser/listings.ts';
import { browserSessionTool } from './browser/session-tool.ts';
import { interpretersOf } from './interpreters.ts';
import type { Kind, Page, Query } from './items.ts';
import { memoriesOf } from './memory/memories.ts';
import { codeSessionTool } from './sessions.ts';
import { sessionsEverywhere } from './tool-sessions/listing.ts';

/** What AgentCore can list. */
type ListedKind = Exclude<Kind, 'agent_session'>;

export const sessionKinds: readonly Kind[] = ['code_session', 'browser_session', 'agent_session'];

/** How each kind is listed, one page at a time. */
export const listings: Record<ListedKind, (agentcore: AgentCore, query: Query) => Promise<Page>> = {
  code_interpreter: (agentcore, query) => interpretersOf(agentcore, query),
  code_session: (agentcore, query) => sessionsEverywhere(codeSessionTool, agentcore, query),
  browser: (agentcore, query) => browsersOf(agentcore, query),
  browser_session: (agentcore, query) => sessionsEverywhere(browserSessionTool, agentcore, query),
  browser_profile: profilesOf,
  memory: memoriesOf,

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
