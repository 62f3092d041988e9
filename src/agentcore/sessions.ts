import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { systemInterpreter } from './code-interpreter.ts';
import { codeSessionsOf, customInterpreters, findInternetInterpreter, hasInternet } from './interpreters.ts';
import { LIFETIME_SECONDS, type SessionTool } from './tool-sessions/session-tool.ts';
import { type OpenSession, ToolSessions } from './tool-sessions/sessions.ts';

/** For finding the interpreter with internet, or making it. */
const MAKE_MS = 60_000;

interface Options {
  /** Whether a new session is to have internet, and one that is there must have it. */
  internet?: boolean | undefined;
}

export const codeSessionTool: SessionTool<Options> = {
  tool: 'run_code',
  system: systemInterpreter,
  custom: customInterpreters,
  sessionsOf: codeSessionsOf,

  async status(agentcore, { id: sessionId, resource }, signal) {
    const { GetCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await agentcore.data();
    const command = new GetCodeInterpreterSessionCommand({ codeInterpreterIdentifier: resource, sessionId });
    return (await client.send(command, { abortSignal: signal })).status;
  },

  async start(agentcore, { name, internet }) {
    const { StartCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await agentcore.data();
    const resource = internet
      ? await findInternetInterpreter(agentcore, AbortSignal.timeout(MAKE_MS))
      : systemInterpreter;
    const { sessionId: id = '', createdAt } = await client.send(
      new StartCodeInterpreterSessionCommand({
        codeInterpreterIdentifier: resource,
        name,
        sessionTimeoutSeconds: LIFETIME_SECONDS,
      }),
    );
    return { id, resource, created: createdAt?.toISOString() };
  },

  async stop(agentcore, { id: sessionId, resource }, signal) {
    const { StopCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await agentcore.data();
    const input = { codeInterpreterIdentifier: resource, sessionId };
    await client.send(new StopCodeInterpreterSessionCommand(input), { abortSignal: signal });
  },
};

/** Code sessions by id or by label. */
export class CodeSessions extends ToolSessions<Options> {
  constructor(agentcore: AgentCore) {
    super(agentcore, codeSessionTool);
  }

  /** @throws ToolFailure also `NoInternet` where a session is there and has none. */
  override async open(
    handle: string | undefined,
    signal: AbortSignal,
    { internet }: Options = {},
  ): Promise<OpenSession> {
    const session = await super.open(handle, signal, { internet });
    if (!handle || !internet) return session;
    const isOwn = session.started && session.resource !== systemInterpreter;
    if (isOwn || (await hasInternet(this.agentcore, session.resource, signal))) return session;
    throw offline(handle);
  }
}

function offline(handle: string): ToolFailure {
  return new ToolFailure({
    code: 'NoInternet',
    message: `The session ${handle} is there already, and it has no internet.`,
    hint: 'Leave internet out to use it as it is, or give another label, or none, for a new session with internet.',
  });
}
