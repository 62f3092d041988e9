import { z } from 'zod';
import { findAgent } from '../agentcore/agents/agents.ts';
import { tokenOf } from '../agentcore/agents/bearer.ts';
import { ToolFailure } from '../failure.ts';
import { askAgent } from './ask-agent.ts';
import { parsed } from './aws-api.ts';
import { defineTool, foreign } from './define.ts';

/** A text that is no JSON is meant as a prompt. */
function wrapped(payload: unknown): unknown {
  const value = parsed(payload);
  return typeof value === 'string' ? { prompt: value } : value;
}

const isPromptOnly = (payload: object) => Object.keys(payload).join() === 'prompt';

const input = z.strictObject({
  agent: z.string().min(1).describe('Name, id or ARN'),
  prompt: z.string().optional().describe('Sent as {"prompt": …}'),
  payload: z
    .preprocess(wrapped, z.looseObject({}).meta({ additionalProperties: true }))
    .optional()
    .describe('Instead of prompt'),
  session: z.string().max(256).optional().describe('Id or own label'),
  qualifier: z.string().optional(),
  user: z.string().max(1024).optional(),
  bearer: z.string().optional().describe('Token: variable of the server, or file:path'),
});

type Arguments = z.output<typeof input>;

export const invokeAgentRuntime = defineTool({
  name: 'invoke_agent_runtime',
  title: 'Ask an agent',
  toolset: 'agents',
  kind: 'execute',
  long: true,
  startsSessions: true,
  description: 'Ask a deployed agent and get its answer. Without session, starts a new one.',
  input,
  output: z.object({
    answer: foreign(z.unknown()),
    session: z.string(),
    seconds: z.number(),
    note: z.string().optional(),
  }),
  async handle(args, call) {
    const { context, signal, progress } = call;
    checkArguments(args);
    const { agentcore, pins, workspace, agentSessions } = context;
    const bearer = args.bearer ? await tokenOf(args.bearer, { workspace, env: process.env }) : undefined;
    const agent = await findAgent(agentcore, args.agent, { pins, signal });
    const protocol = agent.runtime?.protocolConfiguration?.serverProtocol ?? 'HTTP';
    const payload = args.payload ?? { prompt: args.prompt };
    if (isPromptOnly(payload)) checkPrompt(agent.name, protocol);
    const qualifier = args.qualifier ?? agent.endpoint;
    const opened = agentSessions.open(args.session, agent, { qualifier, bearer });
    const session = opened.id;
    progress(`waiting for ${agent.name}`);
    const begun = performance.now();
    const bytes = Buffer.from(JSON.stringify(payload));
    const invocation = { agent, session, payload: bytes, qualifier, user: args.user, bearer };
    const { answer, note } = await askAgent(invocation, call);
    const notes = [
      note,
      !args.session && opened.isNew && `To go on in this session, pass session: "${session}".`,
      opened.earlier &&
        'The earlier session of this name has ended; a new one was started, and nothing of earlier calls is in it.',
      await agentcore.notice?.(),
    ];
    return {
      data: {
        answer,
        session,
        seconds: Math.round(performance.now() - begun) / 1000,
        note: notes.filter(Boolean).join(' ') || undefined,
      },
      region: agent.region,
    };
  },
});

function checkArguments({ prompt, payload }: Arguments): void {
  if ((prompt === undefined) !== (payload === undefined)) return;
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `invoke_agent_runtime: ${prompt === undefined ? 'there is nothing to send' : 'prompt and payload exclude each other'}.`,
    hint: 'Give prompt, a text, or payload, the JSON object that the agent expects.',
  });
}

/** Only agents of the HTTP contract know what a prompt is. */
export function checkPrompt(name: string, protocol: string): void {
  if (protocol === 'HTTP') return;
  const wants = {
    MCP: 'a JSON-RPC message of MCP, e.g. {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}',
    A2A: 'a JSON-RPC message of A2A with method message/send',
    AGUI: 'a RunAgentInput of AG-UI',
  }[protocol];
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `${name} speaks ${protocol}, where a prompt means nothing.`,
    hint: `Give payload instead: ${wants ?? 'what its protocol wants'}.`,
  });
}
