import {
  BedrockAgentCoreClient,
  type BedrockAgentCoreClientConfig,
  type CodeInterpreterResult,
  InvokeCodeInterpreterCommand,
  StartCodeInterpreterSessionCommand,
  type StartCodeInterpreterSessionCommandInput,
  type ToolArguments,
  type ToolName,
} from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, beforeAll } from 'vitest';
import { defaultRegion, type Engine, type EngineOptions, startEngine } from '../../../../src/engine/index.ts';

export const identifier = 'aws.codeinterpreter.v1';
/** No session has it. */
export const unknownId = '01AAAAAAAAAAAAAAAAAAAAAAAA';

/** An engine for all tests of a group, with AWS's own clients for it. */
export function useEngine(options: EngineOptions = {}) {
  let engine: Engine;
  const clients: { destroy(): void }[] = [];
  beforeAll(async () => {
    engine = await startEngine({ spares: 0, ...options });
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await engine.close();
  });
  const config = (account?: string, region = defaultRegion): BedrockAgentCoreClientConfig => ({
    endpoint: engine.url,
    region,
    credentials: engine.credentials(account),
    maxAttempts: 1,
  });
  return {
    /** For the default account and region unless told otherwise. */
    client(account?: string, region?: string): BedrockAgentCoreClient {
      const client = new BedrockAgentCoreClient(config(account, region));
      clients.push(client);
      return client;
    },
    config,
  };
}

/** A client for the default account of an engine. */
export function clientOf({ url, credentials }: Engine): BedrockAgentCoreClient {
  return new BedrockAgentCoreClient({
    endpoint: url,
    region: defaultRegion,
    credentials: credentials(),
    maxAttempts: 1,
  });
}

/** @returns the new session's id. */
export async function startSession(
  client: BedrockAgentCoreClient,
  input: Partial<StartCodeInterpreterSessionCommandInput> = {},
): Promise<string> {
  const started = await client.send(
    new StartCodeInterpreterSessionCommand({ codeInterpreterIdentifier: identifier, ...input }),
  );
  return started.sessionId ?? '';
}

export interface InvokeOptions {
  signal?: AbortSignal;
  /** Sent in the header that shortens a call. */
  timeoutMs?: number;
  /** Default: the one of every account. */
  interpreter?: string;
}

/** One InvokeCodeInterpreter call, whose stream must have exactly one result. */
export async function invoke(
  client: BedrockAgentCoreClient,
  sessionId: string | undefined,
  name: ToolName,
  given: Partial<ToolArguments>,
  { signal, timeoutMs, interpreter = identifier }: InvokeOptions = {},
): Promise<CodeInterpreterResult> {
  const command = new InvokeCodeInterpreterCommand({
    codeInterpreterIdentifier: interpreter,
    sessionId,
    name,
    arguments: given as ToolArguments,
  });
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      if (timeoutMs) headers['x-agentcore-mcp-timeout-ms'] = String(timeoutMs);
      return next(args);
    },
    { step: 'build' },
  );
  const answer = await client.send(command, { abortSignal: signal });
  if (sessionId && answer.sessionId !== sessionId) throw new Error(`Session ${answer.sessionId} answered.`);
  const results: CodeInterpreterResult[] = [];
  for await (const { result } of (answer.stream ?? []) as AsyncIterable<{ result?: CodeInterpreterResult }>) {
    if (result) results.push(result);
  }
  if (results.length !== 1 || !results[0]) throw new Error(`The stream had ${results.length} results.`);
  return results[0];
}

/** Shorthands for one session. */
export function inSession(client: BedrockAgentCoreClient, sessionId: string, interpreter = identifier) {
  return {
    python: (code: string, options?: InvokeOptions & { clearContext?: boolean }) =>
      invoke(
        client,
        sessionId,
        'executeCode',
        { language: 'python', code, clearContext: options?.clearContext },
        { interpreter, ...options },
      ),
    javascript: (code: string, given: Partial<ToolArguments> = {}) =>
      invoke(client, sessionId, 'executeCode', { language: 'javascript', code, ...given }),
    shell: (command: string, options?: InvokeOptions) =>
      invoke(client, sessionId, 'executeCommand', { command }, { interpreter, ...options }),
    tool: (name: ToolName, given: Partial<ToolArguments>) =>
      invoke(client, sessionId, name, given, { interpreter }),
  };
}

/** The text that a result begins with. */
export function textOf({ content }: CodeInterpreterResult): string | undefined {
  return content?.[0]?.text;
}
