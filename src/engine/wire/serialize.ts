import { JsonCodec2 } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';

const EPOCH_SECONDS = 7;

/** As both AWS SDK packages configure it: each timestamp in its modelled form, epoch seconds where none is modelled. */
const codec = new JsonCodec2({
  timestampFormat: { useTrait: true, default: EPOCH_SECONDS },
  httpBindings: true,
  jsonName: true,
});

/** A value as the JSON of its schema. Members the schema does not know are left out. */
export function serialize(schema: NormalizedSchema, value: unknown): Uint8Array {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return serializer.flush();
}
