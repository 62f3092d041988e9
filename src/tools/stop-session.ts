import { z } from 'zod';
import { findAgent } from '../agentcore/agents/agents.ts';
import { agentSessionId, isAgentSessionId } from '../agentcore/agents/names.ts';
import type { AgentSession } from '../agentcore/agents/sessions.ts';
import { isSessionId } from '../agentcore/labels.ts';
import { isNotFound, unlessClosed } from '../agentcore/tool-sessions/unless-closed.ts';
import { ToolFailure } from '../failure.ts';
import { defineTool, type ToolCall } from './define.ts';

export const stopSession = defineTool({
  name: 'stop_session',
  title: 'Stop session',
  toolset: 'core',
  kind: 'destructive',
  endsSessions: true,
  description: 'End a session of run_code, browse or an agent with all that is in it.',
  input: z.strictObject({
    session: z.string().max(256).describe('Id or label'),
    agent: z.string().optional().describe('For sessions of an agent'),
  }),
  output: z.object({ stopped: z.string() }),
  async handle({ session, agent }, call) {
    const { agentSessions, pins } = call.context;
    const pinned = pins.agent !== undefined;
    if (isSessionId(session) && (pinned || !agent)) return stopped(await stopById(session, call));
    if (agent && !pinned) return stopped(await stopOf(agent, session, call));
    const known = agentSessions.find(session);
    if (known.length > 0) return stopped(await stopKnown(known, session, call));
    if (!isAgentSessionId(session)) return stopped(await stopByLabel(session, call));
    if (agent) return stopped(await stopOf(agent, session, call));
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `This server did not start the session ${session}, so it does not know the agent it belongs to.`,
      hint: 'Name the agent as well. list_resources names agents and the sessions that are known.',
    });
  },
});

const stopped = (id: string) => ({ data: { stopped: id } });

/** A session of an agent, also when others started it. */
async function stopOf(named: string, handle: string, { context, signal }: ToolCall): Promise<string> {
  const { agentcore, agentSessions, pins } = context;
  const agent = await findAgent(agentcore, named, { pins, signal });
  const id = agentSessionId(handle);
  const known = agentSessions.find(handle, agent);
  const sessions = known.length > 0 ? known : [{ id, agent, qualifier: agent.endpoint }];
  for (const session of sessions) await agentSessions.stop(session, signal);
  return id;
}

/** The one session of an agent with this label that this server started. */
async function stopKnown(known: readonly AgentSession[], handle: string, call: ToolCall): Promise<string> {
  const { agentSessions } = call.context;
  const agents = new Set(known.map(({ agent }) => agent.name));
  const others = isAgentSessionId(handle) ? [] : await toolsWith(handle, call);
  refuseAmbiguous(handle, [...agents, ...others.map(({ tool }) => tool)]);
  for (const session of known) await agentSessions.stop(session, call.signal);
  return known[0]?.id ?? handle;
}

/** A code or browser session by its id, which does not tell which of the two it is. */
async function stopById(id: string, { context: { sessions, browsers }, signal }: ToolCall): Promise<string> {
  const [first, second] = browsers.knows(id) ? [browsers, sessions] : [sessions, browsers];
  try {
    return await first.stop(id, signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const stopped = await unlessClosed(() => second.stop(id, signal));
    if (stopped === undefined) throw error;
    return stopped;
  }
}

/** A code or browser session by its label. */
async function stopByLabel(label: string, call: ToolCall): Promise<string> {
  const owners = await toolsWith(label, call);
  refuseAmbiguous(
    label,
    owners.map(({ tool }) => tool),
  );
  const { sessions } = owners[0] ?? call.context;
  return sessions.stop(label, call.signal);
}

/** The tools that have a running session of this label, as far as the caller may know. */
async function toolsWith(label: string, { context, signal }: ToolCall) {
  const tools = [
    { tool: 'run_code', sessions: context.sessions },
    { tool: 'browse', sessions: context.browsers },
  ];
  const has = await Promise.all(tools.map(({ sessions }) => unlessClosed(() => sessions.has(label, signal))));
  return tools.filter((_, index) => has[index]);
}

function refuseAmbiguous(handle: string, owners: readonly string[]): void {
  if (owners.length < 2) return;
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `"${handle}" can be a session of ${owners.join(' or ')}.`,
    hint: 'Give the id, which list_resources shows; for a session of an agent, name the agent.',
  });
}
