import {
  BedrockRuntimeServiceException,
  type ConverseStreamOutput,
  type ResponseStream,
} from '@aws-sdk/client-bedrock-runtime';
import { streamBrokeOff } from '../../models/exceptions.ts';

/**
 * The same events, once there is a first one: what fails before that is the answer of the call itself, with its own
 * status, as on AWS.
 */
export async function begun<Event>(events: AsyncIterable<Event>): Promise<AsyncIterable<Event>> {
  const iterator = events[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

/** Errors that may end the events of ConverseStream. */
const inConverseStream = [
  'InternalServerException',
  'ModelStreamErrorException',
  'ServiceUnavailableException',
  'ThrottlingException',
  'ValidationException',
];

export function converseStreamErrors(events: AsyncIterable<ConverseStreamOutput>) {
  return modelledErrors(events, inConverseStream);
}

/** The events of InvokeModelWithResponseStream may end with a time-out as well. */
export function responseStreamErrors(events: AsyncIterable<ResponseStream>) {
  return modelledErrors(events, [...inConverseStream, 'ModelTimeoutException']);
}

/** Makes a ModelStreamErrorException of every exception of Bedrock's that clients do not expect inside a stream. */
async function* modelledErrors<Event>(
  events: AsyncIterable<Event>,
  names: readonly string[],
): AsyncGenerator<Event> {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof BedrockRuntimeServiceException) || names.includes(error.name)) throw error;
    throw streamBrokeOff(error.message);
  }
}
