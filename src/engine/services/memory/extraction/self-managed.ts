import { Readable } from 'node:stream';
import type { PayloadType } from '@aws-sdk/client-bedrock-agentcore';
import type { Log } from '../../../log.ts';
import type { Objects } from '../../objects/object-store.ts';
import { ObjectError } from '../../objects/objects.ts';
import type { Events } from '../events/events.ts';
import type { StrategyRow } from '../memory.ts';
import { ExtractionFailure, type FailureReason } from './extractor.ts';
import type { Job } from './job.ts';
import { eventsBefore, type Source } from './lessons.ts';

/**
 * Puts what a self-managed strategy is to work on into the bucket that it names, as JSON. The same job writes the same object.
 * @throws ExtractionFailure where it cannot be written there.
 */
export async function deliver(
  { events, objects, log }: { events: Events; objects: Pick<Objects, 'put'>; log: Log },
  strategy: StrategyRow,
  job: Job,
  sources: readonly Source[],
): Promise<void> {
  const { invocationConfiguration, historicalContextWindowSize = 0 } =
    strategy.configuration?.selfManagedConfiguration ?? {};
  const { payloadDeliveryBucketName: bucket = '', topicArn } = invocationConfiguration ?? {};
  const { id, key, actorId, sessionId, strategyId } = job;
  const history = eventsBefore(events, job, sources, historicalContextWindowSize)
    .flatMap(({ payload }) => payload.flatMap(asContext))
    .slice(-historicalContextWindowSize);
  const payload = {
    ...{
      requestId: id,
      accountId: key.scope.account,
      memoryId: key.memoryId,
      actorId,
      sessionId,
      strategyId,
    },
    startingTimestamp: seconds(sources[0]),
    endingTimestamp: seconds(sources.at(-1)),
    currentContext: sources.flatMap((source) =>
      source.payload.filter((_, index) => source.indexes.includes(index)).flatMap(asContext),
    ),
    historicalContext: history,
  };
  const name = `agentcore-memory/${key.memoryId}/${strategyId}/${id}.json`;
  const body = Readable.from([Buffer.from(JSON.stringify(payload))]);
  try {
    await objects.put(key.scope, bucket, name, body, { contentType: 'application/json' });
  } catch (error) {
    throw explained(error, bucket);
  }
  const message = {
    jobId: id,
    s3PayloadLocation: `s3://${bucket}/${name}`,
    memoryId: key.memoryId,
    strategyId,
  };
  log.info(`There is no SNS here; the message for ${topicArn} would be`, message);
}

/** A part of a payload as the object tells it. */
function asContext({ conversational, json, blob }: PayloadType): object[] {
  if (conversational) {
    const { role, content } = conversational;
    return [{ role, content: { text: content?.text } }];
  }
  if (json) return [{ json: json.content }];
  return blob === undefined ? [] : [{ blob }];
}

/** Whole seconds since the epoch. */
const seconds = (source: Source | undefined) => Math.floor((source?.at ?? 0) / 1000);

function explained(error: unknown, bucket: string): unknown {
  if (!(error instanceof ObjectError)) return error;
  const retryable = error.code !== 'NoSuchBucket' && error.code !== 'AccessDenied';
  return new ExtractionFailure(
    `What a self-managed strategy is to work on cannot be put into the bucket ${bucket}: ${error.message} Then start the job again.`,
    { reason: reasonOf(error), retryable, cause: error },
  );
}

function reasonOf({ code }: ObjectError): FailureReason {
  switch (code) {
    case 'NoSuchBucket':
      return 'CUSTOM_MODEL_BEDROCK_RESOURCE_NOT_FOUND';
    case 'AccessDenied':
      return 'CUSTOM_MODEL_BEDROCK_ACCESS_DENIED';
    default:
      return 'CUSTOM_MODEL_BEDROCK_SERVICE_UNAVAILABLE';
  }
}
