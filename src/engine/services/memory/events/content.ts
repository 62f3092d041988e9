import type { MetadataValue, PayloadType } from '@aws-sdk/client-bedrock-agentcore';
import { invalid } from '../../exceptions.ts';

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_JSON_BYTES = 100 * 1024;

/** @param member Where it stands in the input. @throws ValidationException for more than an event may hold. */
export function checkSize(payload: readonly PayloadType[], member: string): void {
  payload.forEach(({ json }, index) => {
    const bytes = json ? sizeOf(json.content) : 0;
    if (bytes > MAX_JSON_BYTES)
      throw invalid(
        `${member}[${index}].json.content`,
        `This JSON has ${bytes} bytes; at most ${MAX_JSON_BYTES} are allowed.`,
      );
  });
  const bytes = sizeOf(payload);
  if (bytes > MAX_BYTES)
    throw invalid(member, `This event has ${bytes} bytes; at most ${MAX_BYTES} are allowed.`);
}

/** The metadata of an event as plain texts. */
export function plain(metadata: Readonly<Record<string, MetadataValue>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, { stringValue = '' }]) => [key, stringValue]),
  );
}

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? '');
