import { EventStreamCodec } from '@smithy/core/event-streams';
import type { NormalizedSchema } from '@smithy/core/schema';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { modelledError } from './errors.ts';
import type { ErrorSchemas } from './schemas.ts';
import { serialize } from './serialize.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/**
 * Events as AWS event-stream messages, each as it comes. An event is an object with one member of the union; a modelled
 * error among them, as a member or thrown, ends the stream as an exception message. Anything else that is thrown ends
 * it as an error message without details and goes to `onError`.
 */
export async function* eventMessages(
  errors: ErrorSchemas,
  union: NormalizedSchema,
  events: AsyncIterable<unknown>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const event of events) {
      const [name, schema, value] = memberOf(union, event);
      if (isError(schema)) throw value;
      yield message({ ':message-type': 'event', ':event-type': name }, serialize(schema, value));
    }
  } catch (error) {
    const modelled = modelledError(errors, error);
    if (!modelled) onError(error);
    yield failureMessage(union, modelled);
  }
}

function failureMessage(union: NormalizedSchema, modelled: ReturnType<typeof modelledError>): Uint8Array {
  if (!modelled) {
    const headers = { ':message-type': 'error', ':error-code': 'InternalServerException' };
    return message({ ...headers, ':error-message': 'The engine failed to go on; its log says why.' });
  }
  const { error, schema } = modelled;
  for (const [name, member] of union.structIterator()) {
    if (isError(member) && member.getName() === error.name) {
      return message({ ':message-type': 'exception', ':exception-type': name }, serialize(schema, error));
    }
  }
  return message({ ':message-type': 'error', ':error-code': error.name, ':error-message': error.message });
}

function memberOf(union: NormalizedSchema, event: unknown): [string, NormalizedSchema, unknown] {
  for (const [name, schema] of union.structIterator()) {
    const value = (event as Readonly<Record<string, unknown>> | null | undefined)?.[name];
    if (value !== undefined && value !== null) return [name, schema, value];
  }
  throw new Error(`A handler of ${union.getName()} gave an event without a known member.`);
}

function isError(schema: NormalizedSchema): boolean {
  return schema.getMergedTraits().error !== undefined;
}

function message(headers: Readonly<Record<string, string>>, body?: Uint8Array): Uint8Array {
  const all = body ? { ...headers, ':content-type': 'application/json' } : headers;
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, { type: 'string', value }]),
    ),
    body: body ?? new Uint8Array(),
  });
}
