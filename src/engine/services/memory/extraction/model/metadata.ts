import type {
  MemoryRecordSchema,
  MetadataSchemaEntry,
  Validation,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { z } from 'zod';
import type { Metadata } from '../../memory.ts';

/** What AWS allows in values. */
const VALUE = /^[a-zA-Z0-9\s._:/=+@-]*$/;
const MAX_ITEMS = 5;
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

type Values = Record<string, string | number | string[] | undefined>;

/**
 * The member `metadata` of an answer, for the keys of a schema that a model is to find; a value that the schema does not
 * allow is taken as none. No member where there are no such keys.
 */
export function metadataMember(schema: MemoryRecordSchema | undefined) {
  const entries = (schema?.metadataSchema ?? []).filter(inferred);
  const members: Record<string, z.ZodType<Values[string]>> = Object.fromEntries(
    entries.map((entry) => [entry.key, valueFor(entry)]),
  );
  const values = z.object(members).catch({}).optional();
  return (entries.length ? { metadata: values } : {}) as { metadata: typeof values };
}

/** As records keep it. */
export function toMetadata(values: Values | undefined): { metadata?: Metadata } {
  const found = Object.entries(values ?? {}).flatMap(([key, value]) =>
    value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[key, wrapped(value)]],
  );
  return found.length ? { metadata: Object.fromEntries(found) } : {};
}

function wrapped(value: string | number | string[]): Metadata[string] {
  if (typeof value === 'number') return { numberValue: value };
  return typeof value === 'string' ? { stringValue: value } : { stringListValue: value };
}

function inferred({ extractionType }: MetadataSchemaEntry): boolean {
  return extractionType !== 'STRICTLY_CONSISTENT';
}

function valueFor({ type, extractionConfig }: MetadataSchemaEntry): z.ZodType<Values[string]> {
  const { definition, llmExtractionInstruction, validation } = extractionConfig?.llmExtractionConfig ?? {};
  const description = [definition, instructed(llmExtractionInstruction)].filter(Boolean).join('\n');
  return plainFor(type, validation).optional().catch(undefined).describe(description);
}

function plainFor(
  type: MetadataSchemaEntry['type'],
  validation: Validation | undefined,
): z.ZodType<Values[string]> {
  switch (type) {
    case 'NUMBER': {
      const { minValue = -MAX_NUMBER, maxValue = MAX_NUMBER } = validation?.numberValidation ?? {};
      return z.number().min(minValue).max(maxValue);
    }
    case 'STRINGLIST': {
      const { allowedValues, maxItems = MAX_ITEMS } = validation?.stringListValidation ?? {};
      return listOf(text(allowedValues, 64), maxItems);
    }
    default:
      return text(validation?.stringValidation?.allowedValues, 256);
  }
}

function text(allowed: readonly string[] | undefined, longest: number): z.ZodType<string> {
  return allowed?.length ? z.enum(allowed) : z.string().min(1).max(longest).regex(VALUE);
}

/** Elements that are not allowed, or too many, are left out. */
function listOf(element: z.ZodType<string>, most: number): z.ZodType<string[]> {
  const fitting = (list: unknown) =>
    Array.isArray(list)
      ? [...new Set(list)].filter((value) => element.safeParse(value).success).slice(0, most)
      : list;
  return z.preprocess(fitting, z.array(element).max(most));
}

function instructed(instruction: string | undefined): string | undefined {
  return instruction === 'LATEST_VALUE' ? 'Where several are told, the latest.' : instruction;
}
