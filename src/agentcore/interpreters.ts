import { setTimeout as sleep } from 'node:timers/promises';
import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { systemInterpreter } from './code-interpreter.ts';
import { everyPage } from './every-page.ts';
import type { Item, Page, Query } from './items.ts';

/** The interpreter whose sessions have internet; every server finds the same one, and makes it where there is none. */
export const internetInterpreter = 'agentcore_mcp_internet';

const POLL_MS = 500;

/** Whether sessions of an interpreter may have internet: in a VPC, that is up to the VPC. */
export async function hasInternet(agentcore: AgentCore, id: string, signal: AbortSignal): Promise<boolean> {
  if (id === systemInterpreter) return false;
  const { GetCodeInterpreterCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new GetCodeInterpreterCommand({ codeInterpreterId: id });
  const { networkConfiguration } = await client.send(command, { abortSignal: signal });
  return networkConfiguration?.networkMode !== 'SANDBOX';
}

/**
 * The id of the interpreter with internet. Names are unique in an account, so of several servers that make it at the same
 * time one does, and the others find it.
 * @throws ToolFailure `InterpreterFailed` where AgentCore could not make it.
 */
export async function findInternetInterpreter(agentcore: AgentCore, signal: AbortSignal): Promise<string> {
  for (;;) {
    const all = await customInterpreters(agentcore, signal);
    const found = all.find(({ name, state }) => name === internetInterpreter && state !== 'DELETING');
    if (found?.state === 'READY') return found.id;
    if (found && found.state !== 'CREATING') throw hasFailed(found);
    if (found || !(await makeInternetInterpreter(agentcore, signal)))
      await sleep(POLL_MS, undefined, { signal });
  }
}

/** @returns whether it was made; otherwise another server has made it, or an old one is still being deleted. */
async function makeInternetInterpreter(agentcore: AgentCore, signal: AbortSignal): Promise<boolean> {
  const { CreateCodeInterpreterCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new CreateCodeInterpreterCommand({
    name: internetInterpreter,
    description: 'Code sessions with internet access, made by agentcore-mcp',
    networkConfiguration: { networkMode: 'PUBLIC' },
  });
  try {
    await client.send(command, { abortSignal: signal });
    return true;
  } catch (error) {
    if ((error as Error).name === 'ConflictException') return false;
    throw error;
  }
}

function hasFailed({ id, state }: Item): ToolFailure {
  return new ToolFailure({
    code: 'InterpreterFailed',
    message: `The code interpreter ${id}, which sessions with internet use, is ${state}.`,
    hint: 'Look why with read_aws_api (GetCodeInterpreter), delete it with call_aws_api (DeleteCodeInterpreter), then try again.',
  });
}

/** The code interpreters, one page at a time. */
export async function interpretersOf(
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
export async function codeSessionsOf(
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
    ...(interpreter !== systemInterpreter && { resource: interpreter }),
  }));
  return { items, nextToken: page.nextToken };
}
