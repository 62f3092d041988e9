import type { MetadataSchemaEntry, Validation } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Metadata } from '../../memory.ts';
import type { Candidate } from '../extractor.ts';

const MAX_ITEMS = 5;

/** A candidate with what its text names of the schema's keys: allowed values, and numbers next to the key. The rest is left out. */
export function withMetadata(candidate: Candidate, schema: readonly MetadataSchemaEntry[] = []): Candidate {
  const found = schema
    .filter(({ extractionType }) => extractionType !== 'STRICTLY_CONSISTENT')
    .flatMap((entry) => {
      const value = namedValue(candidate.text, entry);
      return value ? [[entry.key, value]] : [];
    });
  return found.length ? { ...candidate, metadata: Object.fromEntries(found) } : candidate;
}

function namedValue(
  text: string,
  { key = '', type, extractionConfig }: MetadataSchemaEntry,
): Metadata[string] | undefined {
  const { validation, llmExtractionInstruction } = extractionConfig?.llmExtractionConfig ?? {};
  switch (type) {
    case 'NUMBER': {
      const number = numberBeside(key, text);
      return number !== undefined && isWithin(number, validation) ? { numberValue: number } : undefined;
    }
    case 'STRINGLIST': {
      const { allowedValues, maxItems = MAX_ITEMS } = validation?.stringListValidation ?? {};
      const named = namedIn(text, allowedValues).slice(0, maxItems);
      return named.length ? { stringListValue: named } : undefined;
    }
    default: {
      const named = namedIn(text, validation?.stringValidation?.allowedValues);
      const value =
        named.length === 1 || llmExtractionInstruction === 'LATEST_VALUE' ? named.at(-1) : undefined;
      return value === undefined ? undefined : { stringValue: value };
    }
  }
}

/** The allowed values that a text has in it, in the order in which they stand there. */
function namedIn(text: string, allowed: readonly string[] = []): string[] {
  return allowed
    .map((value) => ({ value, at: text.search(word(value)) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** "priority 3", "the priority is now 3", "5 stars". */
function numberBeside(key: string, text: string): number | undefined {
  const name = key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[\s_.-]+/)
    .map(escapedForm)
    .join('[\\s_-]+');
  const number = '(-?\\d+(?:[.,]\\d{3})*(?:\\.\\d+)?)';
  const behind = new RegExp(
    `(?<!\\p{L})${name}s?(?!\\p{L})(?:\\s+(?:is|of|to|was|now|be|at))*\\s*[:=]?\\s*[$€£]?${number}`,
    'iu',
  );
  const before = new RegExp(`${number}\\s*${name}s?(?!\\p{L})`, 'iu');
  const found = behind.exec(text)?.[1] ?? before.exec(text)?.[1];
  return found === undefined ? undefined : Number(found.replace(/[.,](?=\d{3}(?:\D|$))/g, ''));
}

function isWithin(number: number, validation: Validation | undefined): boolean {
  const { minValue = Number.NEGATIVE_INFINITY, maxValue = Number.POSITIVE_INFINITY } =
    validation?.numberValidation ?? {};
  return number >= minValue && number <= maxValue;
}

const word = (value: string) =>
  new RegExp(`(?<![\\p{Script=Latin}\\p{N}])${escapedForm(value)}(?![\\p{Script=Latin}\\p{N}])`, 'iu');
const escapedForm = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
