import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import type { AgentSession } from './agents/sessions.ts';
import { systemInterpreter } from './code-interpreter.ts';
import { everyPage } from './every-page.ts';

/** One thing that AgentCore holds. */
export interface Item {
  kind: Kind;
  id: string;
  name?: string;
  state?: string;
  version?: string;
  created?: string;
  /** The code interpreter of a session, unless it is the one that every account has. */
  interpreter?: string;
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

/** How each kind is listed, one page at a time. Code sessions come interpreter by interpreter, the one of every account first. */
export const listings: Record<ListedKind, (agentcore: AgentCore, query: Query) => Promise<Page>> = {
  code_interpreter: (agentcore, query) => interpretersOf(agentcore, query),

  async code_session(agentcore, { nextToken, ...query }) {
    const place = nextToken === undefined ? { interpreter: systemInterpreter } : readPlace(nextToken);
    const interpreter =
      place.interpreter ?? (await interpreterAfter(agentcore, place.after ?? '', query.signal));
    if (interpreter === undefined) return { items: [] };
    const page = await sessionsOf(agentcore, interpreter, { ...query, nextToken: place.token });
    const next = page.nextToken ? { interpreter, token: page.nextToken } : { after: interpreter };
    return { items: page.items, nextToken: writePlace(next) };
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

async function interpretersOf(
  agentcore: AgentCore,
  { maxResults, nextToken, signal }: Query,
  type?: 'CUSTOM',
): Promise<Page> {
  const { ListCodeInterpretersCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new ListCodeInterpretersCommand({ type, maxResults, nextToken });
  const page = await client.send(command, { abortSignal: signal });
  const items = (page.codeInterpreterSummaries ?? []).map((interpreter) => ({
    kind: 'code_interpreter' as const,
    id: interpreter.codeInterpreterId ?? '',
    name: interpreter.name,
    state: interpreter.status,
  }));
  return { items, nextToken: page.nextToken };
}

/** The interpreters besides the one that every account has. */
export async function customInterpreters(agentcore: AgentCore, signal: AbortSignal): Promise<Item[]> {
  return everyPage((page) => interpretersOf(agentcore, { ...page, ended: false, signal }, 'CUSTOM'));
}

/** The code sessions of one interpreter, one page at a time. */
export async function sessionsOf(
  agentcore: AgentCore,
  interpreter: string,
  { maxResults, nextToken, ended, signal }: Query,
): Promise<Page> {
  const { ListCodeInterpreterSessionsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data();
  const page = await client.send(
    new ListCodeInterpreterSessionsCommand({
      codeInterpreterIdentifier: interpreter,
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
    ...(interpreter !== systemInterpreter && { interpreter }),
  }));
  return { items, nextToken: page.nextToken };
}

/** Where a listing of code sessions goes on: in an interpreter, or with the one after it. */
interface Place {
  interpreter?: string;
  token?: string;
  after?: string;
}

const writePlace = (place: Place) => JSON.stringify(place);

function readPlace(token: string): Place {
  try {
    return JSON.parse(token);
  } catch {
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: 'This token belongs to no earlier page of code sessions.',
      hint: 'Begin anew without one.',
    });
  }
}

/** Interpreters come and go between two pages, so they are taken by the order of their ids. */
async function interpreterAfter(
  agentcore: AgentCore,
  after: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ids = (await customInterpreters(agentcore, signal)).map(({ id }) => id).toSorted();
  return ids.find((id) => after === systemInterpreter || id > after);
}

/** The sessions of agents that this server has used, all on one page: AgentCore has no call that lists them. */
export function agentSessionsPage(known: readonly AgentSession[], ended: boolean): Page {
  const items = known.map(({ id, label, agent }) => ({
    kind: 'agent_session' as const,
    id,
    name: label ? `${label} (${agent.name})` : agent.name,
  }));
  return { items: ended ? [] : items };
}
