import { randomUUID } from 'node:crypto';
import type { ExtractionJobMetadata } from '@aws-sdk/client-bedrock-agentcore';
import type { Clock } from '../../../clock.ts';
import type { Handlers, Scope } from '../../../service.ts';
import type { Store } from '../../../store/store.ts';
import { notFound } from '../../exceptions.ts';
import type { Idempotency } from '../../idempotency.ts';
import { checkSize, plain } from '../events/content.ts';
import { PENDING_HEADER } from '../headers.ts';
import type { MemoryRow } from '../memory.ts';
import { keyOf } from '../names.ts';
import type { Intake } from './intake.ts';
import type { Job } from './job.ts';
import type { Jobs } from './jobs.ts';

const DEFAULT_PAGE = 20;

export interface HandlerParts {
  jobs: Jobs;
  intake: Intake;
  memories: { require(scope: Scope, memoryIdOrArn: string): MemoryRow };
  store: Store;
  idempotency: Idempotency;
  clock: Clock;
  wake(): void;
}

/** The operations on extraction jobs. Failed ones are listed, and can be started again. */
export function createHandlers({ jobs, intake, memories, store, idempotency, clock, wake }: HandlerParts) {
  return {
    async ListMemoryExtractionJobs({ memoryId = '', filter, maxResults = DEFAULT_PAGE, nextToken }, call) {
      const key = keyOf(call, memories.require(call, memoryId));
      call.setHeader?.(PENDING_HEADER, String(jobs.waiting({ key, filter })));
      const page = jobs.failed(key, filter, { maxResults, nextToken });
      return { jobs: page.items.map((job) => described(job, jobs)), nextToken: page.nextToken };
    },

    async StartMemoryExtractionJob(input, call) {
      const key = keyOf(call, memories.require(call, input.memoryId ?? ''));
      const jobId = input.extractionJob?.jobId ?? '';
      return idempotency.once(call, 'StartMemoryExtractionJob', input, async () => {
        const job = jobs.find(key, jobId);
        if (job?.status !== 'FAILED' && job?.status !== 'WAITING')
          throw notFound(
            `The memory ${key.memoryId} has no failed extraction job ${jobId}. ListMemoryExtractionJobs tells which it has.`,
          );
        if (job.status === 'FAILED') jobs.restart(job, clock.now());
        wake();
        return { jobId };
      });
    },

    async IngestData(input, call) {
      const memory = memories.require(call, input.memoryId ?? '');
      return idempotency.once(call, 'IngestData', input, async () => {
        const { actorId = '', sessionId = randomUUID(), metadata = {}, extractionConfig } = input;
        const payload = input.source?.inline?.payload ?? [];
        checkSize(payload, 'source.inline.payload');
        const arrival = {
          ...{ actorId, sessionId, payload, metadata: plain(metadata) },
          at: input.contentTimestamp?.getTime() ?? clock.now(),
          namespaceVariables: extractionConfig?.namespaceVariables,
        };
        store.transaction(() => intake.take(keyOf(call, memory), memory, arrival));
        wake();
        return { sessionId };
      });
    },
  } satisfies Handlers;
}

function described(job: Job, jobs: Jobs): ExtractionJobMetadata {
  const messagesList = jobs
    .items(job)
    .flatMap((item) =>
      'eventId' in item ? item.indexes.map((messageIndex) => ({ eventId: item.eventId, messageIndex })) : [],
    );
  const { id, failureReason, strategyId, sessionId, actorId } = job;
  return {
    jobID: id,
    messages: { messagesList },
    status: 'FAILED',
    failureReason,
    strategyId,
    sessionId,
    actorId,
  };
}
