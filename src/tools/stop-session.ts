import { z } from 'zod';
import { findAgent } from '../agentcore/agents/agents.ts';
import { agentSessionId, isAgentSessionId } from '../agentcore/agents/names.ts';
import type { AgentSession } from '../agentcore/agents/sessions.ts';
import { isSessionId } from '../agentcore/labels.ts';
import { ToolFailure } from '../failure.ts';
import { defineTool, type ToolCall } from './define.ts';

export const stopSession = defineTool({
  name: 'stop_session',
  title: 'Stop session',
  toolset: 'core',
  kind: 'destructive',
  endsSessions: true,
  description:
    'End a session of run_code or an agent with all that runs in it. Its variables and files are lost.',
  input: z.strictObject({
    session: z.string().max(256).describe('Id or label'),
    agent: z.string().optional().describe('For sessions of an agent'),
  }),
  output: z.object({ stopped: z.string() }),
  async handle({ session, agent }, call) {
    const { context, signal } = call;
    const { agentSessions, sessions, pins } = context;
    const pinned = pins.agent !== undefined;
    if (isSessionId(session) && (pinned || !agent)) return stopped(await sessions.stop(session, signal));
    if (agent && !pinned) return stopped(await stopOf(agent, session, call));
    const known = agentSessions.find(session);
    if (known.length > 0) return stopped(await stopKnown(known, session, call));
    if (!isAgentSessionId(session)) return stopped(await sessions.stop(session, signal));
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

/** The one session of this label that this server started. */
async function stopKnown(known: readonly AgentSession[], handle: string, call: ToolCall): Promise<string> {
  const { context, signal } = call;
  const agents = new Set(known.map(({ agent }) => agent.name));
  const ofCode = !isAgentSessionId(handle) && (await context.sessions.has(handle, signal));
  if (agents.size > 1 || ofCode)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `"${handle}" can be a session of ${[...agents, ...(ofCode ? ['run_code'] : [])].join(' or ')}.`,
      hint: 'Name the agent as well, or give the id of the code session, which list_resources shows.',
    });
  for (const session of known) await context.agentSessions.stop(session, signal);
  return known[0]?.id ?? handle;
}
