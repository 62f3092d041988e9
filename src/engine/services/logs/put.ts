import type { InputLogEvent, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs';
import { EVENT_OVERHEAD, MAX_AHEAD_MS } from './events.ts';
import { invalidParameter } from './exceptions.ts';
import type { LogEvent } from './log-store.ts';

const DAY_MS = 24 * 3600 * 1000;
const MAX_AGE_MS = 14 * DAY_MS;
const MAX_BATCH = 10_000;
const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * The events of a batch that are taken, and which are not for their time, by the rules of PutLogEvents.
 * @throws InvalidParameterException when the batch as a whole cannot be taken.
 */
export function sortOut(
  input: readonly InputLogEvent[],
  now: number,
): { taken: LogEvent[]; rejected?: RejectedLogEventsInfo } {
  if (input.length < 1 || input.length > MAX_BATCH) {
    throw invalidParameter(`A batch has from 1 to ${MAX_BATCH} log events; this one has ${input.length}.`);
  }
  const events = input.map(({ timestamp = now, message = '' }) => ({ timestamp, message }));
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD, 0);
  if (bytes > MAX_BATCH_BYTES) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${MAX_BATCH_BYTES}`);
  }
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? timestamp))) {
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > DAY_MS) {
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
  const tooOld = events.findLastIndex(({ timestamp }) => timestamp < now - MAX_AGE_MS) + 1;
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + MAX_AHEAD_MS);
  const taken = events.slice(tooOld, tooNew < 0 ? undefined : tooNew);
  if (taken.length === events.length) return { taken };
  return {
    taken,
    rejected: {
      ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    },
  };
}
