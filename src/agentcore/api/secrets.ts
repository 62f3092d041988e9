import type { NormalizedSchema } from '@smithy/core/schema';
import { hidden } from '../../platform/secret-shapes.ts';
import { keepSecret } from '../../secrets.ts';

/**
 * Members the SDK marks as sensitive that the caller has asked for or written: content, descriptions, names, links to
 * open. Every other sensitive member is a secret, also those a later SDK brings.
 */
export const contentMembers: ReadonlySet<string> = new Set(
  [
    'apiBase apple appendToPrompt authorizationUrl blob components content customState definition description downloadUrl',
    'email emailAddress endpointName evaluationReferenceInputs examples explanation github google inlinePayload input',
    'inputSchema instructions json linkedAccounts llmExtractionInstruction metadata name optionalValue payload phoneNumber ratingScale',
    'reasoningContent reasoningText recommendedSystemPrompt recommendedToolDescription redactedContent requestBody',
    'response searchQuery sessionSpans sms targetName telegram text url x',
  ].flatMap((line) => line.split(' ')),
);

/** Secrets that the SDK does not mark. */
export const unmarkedSecrets: ReadonlySet<string> = new Set(['developerJwt']);

/** Whether a value may not be shown to a model. `name` is the nearest member's, also for entries of lists and maps. */
export function isSecret(schema: NormalizedSchema, name: string): boolean {
  if (unmarkedSecrets.has(name)) return true;
  return Boolean(schema.getMergedTraits().sensitive) && !contentMembers.has(name);
}

/** The same without the secret: a map keeps its keys. What is hidden here stays hidden wherever it turns up later. */
export function hide(value: unknown): unknown {
  if (typeof value === 'string') keepSecret(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return hidden;
  if (Array.isArray(value)) return value.map(hide);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, hide(member)]));
}
