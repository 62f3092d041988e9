import {
  BedrockAgentCoreServiceException,
  type CodeInterpreterResult,
  type CodeInterpreterStreamOutput,
} from '@aws-sdk/client-bedrock-agentcore';
import { createEgress } from '../../egress/index.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Call, Handlers, Scope, Service } from '../../service.ts';
import type { ServiceParts } from '../index.ts';
import { summaryOf } from '../tool-sessions/rows.ts';
import { controlHandlers, refuseMounts } from './control.ts';
import { Interpreters } from './interpreters.ts';
import { type CodeSessionRow, type Running, Sessions } from './sessions.ts';
import { prepare, type Work } from './tools.ts';

/** A synchronous call ends after 15 minutes, as on AWS. */
const MAX_CALL_MS = 15 * 60 * 1000;
const DEFAULT_PAGE = 10;

export type CodeInterpreterDependencies = Pick<
  ServiceParts,
  'store' | 'sandboxes' | 'idempotency' | 'tags' | 'agents' | 'clock' | 'log'
>;

/** The code interpreter: Python, JavaScript, TypeScript and shell in sandboxes, one per session. */
export function createCodeInterpreter(dependencies: CodeInterpreterDependencies): Service {
  const { store, idempotency, tags, agents, clock, log } = dependencies;
  const sessions = new Sessions(dependencies);
  const activeSessions = sessions.active.bind(sessions);
  const interpreters = new Interpreters({ store, tags, clock, activeSessions });
  const control = controlHandlers({ interpreters, idempotency, clock });

  const handlers: Handlers = {
    async StartCodeInterpreterSession(input, call) {
      const interpreter = interpreters.resolve(call, input.codeInterpreterIdentifier ?? '');
      refuseMounts(input);
      const { sessionId, createdAt } = await idempotency.once(
        call,
        'StartCodeInterpreterSession',
        input,
        () =>
          sessions.start(call, {
            ...placed(call, interpreter),
            name: input.name,
            timeoutSeconds: input.sessionTimeoutSeconds,
          }),
      );
      return { codeInterpreterIdentifier: interpreter, sessionId, createdAt: new Date(createdAt) };
    },

    async GetCodeInterpreterSession(input, call) {
      const interpreter = interpreters.resolve(call, input.codeInterpreterIdentifier ?? '');
      const row = sessions.get(call, interpreter, input.sessionId ?? '');
      const { sessionTimeoutSeconds, status, name } = row;
      return { ...identity(row), name, status, sessionTimeoutSeconds, createdAt: new Date(row.createdAt) };
    },

    async ListCodeInterpreterSessions({ codeInterpreterIdentifier, maxResults, nextToken, status }, call) {
      const interpreter = interpreters.resolve(call, codeInterpreterIdentifier ?? '');
      const page = sessions.list(call, interpreter, {
        maxResults: maxResults ?? DEFAULT_PAGE,
        nextToken,
        status,
      });
      return { items: page.items.map(summary), nextToken: page.nextToken };
    },

    async StopCodeInterpreterSession({ codeInterpreterIdentifier, sessionId }, call) {
      const interpreter = interpreters.resolve(call, codeInterpreterIdentifier ?? '');
      const row = await sessions.stop(call, interpreter, sessionId ?? '');
      return { ...identity(row), lastUpdatedAt: new Date(row.lastUpdatedAt) };
    },

    async InvokeCodeInterpreter(input, call) {
      const interpreter = interpreters.resolve(call, input.codeInterpreterIdentifier ?? '');
      const work = prepare(input.name ?? 'executeCode', input.arguments);
      const sessionId = input.sessionId ?? (await sessions.start(call, placed(call, interpreter))).sessionId;
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

  /** What an interpreter gives its sessions. */
  function placed(scope: Scope, interpreter: string) {
    if (!interpreters.hasInternet(scope, interpreter)) return { interpreter };
    return { interpreter, egress: createEgress({ allowHosts: agents.allowHosts, log }) };
  }

  /**
   * Many clients start code and never look at the answer, which closes the connection: that must not stop it. Who
   * states a time limit is taken to wait, so that its code ends when it goes away.
   */
  async function perform(work: Work, running: Running, call: Call): Promise<CodeInterpreterResult> {
    const timeoutMs = Math.min(call.timeoutMs ?? MAX_CALL_MS, MAX_CALL_MS);
    const signal = call.timeoutMs === undefined ? undefined : call.signal;
    try {
      return await work(running, { timeoutMs, signal });
    } catch (error) {
      if (error instanceof SandboxError) throw await sessions.ended(call, running);
      throw error;
    }
  }

  return {
    handlers: { agentcore: { ...control, ...handlers } },
    live: () => sessions.live,
    sweep: () => sessions.sweep(),
    close: (reason) => sessions.close(reason),
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

function identity({ codeInterpreterIdentifier, sessionId }: CodeSessionRow) {
  return { codeInterpreterIdentifier, sessionId };
}

function summary(row: CodeSessionRow) {
  return {
    ...identity(row),
    ...summaryOf(row),
  };
}
