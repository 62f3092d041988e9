import {
  BedrockAgentCoreServiceException,
  type CodeInterpreterResult,
  type CodeInterpreterStreamOutput,
} from '@aws-sdk/client-bedrock-agentcore';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Call, Handlers, InputOf, Service } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import type { Idempotency } from '../idempotency.ts';
import { describeInterpreter, resolveInterpreter, systemInterpreter } from './interpreters.ts';
import type { SessionRow } from './session-rows.ts';
import { type Running, type SessionDependencies, Sessions } from './sessions.ts';
import { prepare, type Work } from './tools.ts';

/** A synchronous call ends after 15 minutes, as on AWS. */
const MAX_CALL_MS = 15 * 60 * 1000;
const DEFAULT_PAGE = 10;

export interface CodeInterpreterDependencies extends SessionDependencies {
  idempotency: Idempotency;
}

/** The code interpreter: Python, JavaScript, TypeScript and shell in sandboxes, one per session. */
export function createCodeInterpreter(dependencies: CodeInterpreterDependencies): Service {
  const { idempotency, log } = dependencies;
  const sessions = new Sessions(dependencies);

  const handlers: Handlers = {
    async GetCodeInterpreter({ codeInterpreterId }, { region }) {
      return describeInterpreter(codeInterpreterId ?? '', region);
    },

    async ListCodeInterpreters({ type, nextToken }, { region }) {
      // One page holds them all.
      if (nextToken !== undefined)
        throw invalid('nextToken', 'The nextToken was not made by this listing. Start again without one.');
      return {
        codeInterpreterSummaries: type === 'CUSTOM' ? [] : [describeInterpreter(systemInterpreter, region)],
      };
    },

    async StartCodeInterpreterSession(input, call) {
      const interpreter = resolveInterpreter(input.codeInterpreterIdentifier ?? '');
      refuseMounts(input);
      const { sessionId, createdAt } = await idempotency.once(
        call,
        'StartCodeInterpreterSession',
        input,
        () =>
          sessions.start(call, {
            interpreter,
            name: input.name,
            timeoutSeconds: input.sessionTimeoutSeconds,
          }),
      );
      return { codeInterpreterIdentifier: interpreter, sessionId, createdAt: new Date(createdAt) };
    },

    async GetCodeInterpreterSession(input, call) {
      const interpreter = resolveInterpreter(input.codeInterpreterIdentifier ?? '');
      const row = sessions.get(call, interpreter, input.sessionId ?? '');
      const { sessionTimeoutSeconds, status, name } = row;
      return { ...identity(row), name, status, sessionTimeoutSeconds, createdAt: new Date(row.createdAt) };
    },

    async ListCodeInterpreterSessions({ codeInterpreterIdentifier, maxResults, nextToken, status }, call) {
      const interpreter = resolveInterpreter(codeInterpreterIdentifier ?? '');
      const page = sessions.list(call, interpreter, {
        maxResults: maxResults ?? DEFAULT_PAGE,
        nextToken,
        status,
      });
      return { items: page.items.map(summary), nextToken: page.nextToken };
    },

    async StopCodeInterpreterSession({ codeInterpreterIdentifier, sessionId }, call) {
      const interpreter = resolveInterpreter(codeInterpreterIdentifier ?? '');
      const row = await sessions.stop(call, interpreter, sessionId ?? '');
      return { ...identity(row), lastUpdatedAt: new Date(row.lastUpdatedAt) };
    },

    async InvokeCodeInterpreter(input, call) {
      const interpreter = resolveInterpreter(input.codeInterpreterIdentifier ?? '');
      const work = prepare(input.name ?? 'executeCode', input.arguments);
      const sessionId = input.sessionId ?? (await sessions.start(call, { interpreter })).sessionId;
      const running = sessions.running(call, interpreter, sessionId);
      const result = perform(work, running, call);
      const onUnread = (error: unknown) => {
        if (error instanceof BedrockAgentCoreServiceException) return;
        const { requestId } = call;
        log.warn('InvokeCodeInterpreter failed, and nobody has come to read it', {
          requestId,
          error,
        });
      };
      return { sessionId, stream: stream(result, onUnread) };
    },
  };

  /**
   * Many clients start code and never look at the answer, which closes the connection: that must not stop it. Who
   * states a time limit is taken to wait, so that its code ends when it goes away.
   */
  async function perform(work: Work, running: Running, call: Call): Promise<CodeInterpreterResult> {
    const timeoutMs = Math.min(call.timeoutMs ?? MAX_CALL_MS, MAX_CALL_MS);
    const signal = call.timeoutMs === undefined ? undefined : call.signal;
    try {
      return await work(running.sandbox, { timeoutMs, signal });
    } catch (error) {
      if (error instanceof SandboxError) throw await sessions.ended(call, running);
      throw error;
    }
  }

  return {
    handlers: { agentcore: handlers },
    live: () => sessions.live,
    sweep: () => sessions.sweep(),
    close: () => sessions.close(),
  };
}

/** The result as the only event; a failure that nobody has come to read is told to `onUnread`. */
function stream(
  result: Promise<CodeInterpreterResult>,
  onUnread: (error: unknown) => void,
): AsyncIterable<CodeInterpreterStreamOutput> {
  let read = false;
  result.catch((error) => read || onUnread(error));
  return {
    async *[Symbol.asyncIterator]() {
      read = true;
      yield { result: await result };
    },
  };
}

function refuseMounts(input: InputOf<'StartCodeInterpreterSession'>): void {
  for (const member of ['certificates', 'filesystemConfigurations'] as const) {
    if (input[member]?.length)
      throw invalid(member, `The local engine does not apply ${member} yet; leave it out.`);
  }
}

function identity({ codeInterpreterIdentifier, sessionId }: SessionRow) {
  return { codeInterpreterIdentifier, sessionId };
}

function summary(row: SessionRow) {
  return {
    ...identity(row),
    name: row.name,
    status: row.status,
    createdAt: new Date(row.createdAt),
    lastUpdatedAt: new Date(row.lastUpdatedAt),
  };
}
