import { onTestFinished } from 'vitest';
import { createLog } from '../../../../src/engine/log.ts';
import type { Call, Handlers, OperationName } from '../../../../src/engine/service.ts';
import { createLogs, type LogsDependencies } from '../../../../src/engine/services/logs/index.ts';
import { temporaryDir } from '../../../support/temporary.ts';

export const scope = { account: '111122223333', region: 'eu-west-1' };
export const group = '/aws/bedrock-agentcore/runtimes/hello-AbCdEfGhIj-DEFAULT';
export const stream = '2026/11/28/[runtime-logs]session-1';

type LogsHandlers = { [Name in OperationName<'logs'>]: NonNullable<Handlers<'logs'>[Name]> };

/** Logs in a folder that goes away after the test. */
export function openLogs({ dataDir = temporaryDir(), limits }: Partial<LogsDependencies> = {}) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line) });
  const { store, service } = createLogs({ dataDir, log, limits });
  onTestFinished(() => service.close());
  const handlers = service.handlers.logs as LogsHandlers;
  return { dataDir, lines, store, service, handlers };
}

export function callOf(given: Partial<Call> = {}): Call {
  const { signal } = new AbortController();
  return { ...scope, requestId: 'request', headers: new Map(), origin: 'http://127.0.0.1', signal, ...given };
}

/** Events a millisecond apart, by their messages. */
export function eventsAt(start: number, ...messages: string[]) {
  return messages.map((message, index) => ({ timestamp: start + index, message }));
}

export const messagesOf = ({ events = [] }: { events?: { message?: string }[] }) =>
  events.map(({ message }) => message);
