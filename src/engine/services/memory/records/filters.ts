import type {
  MemoryMetadataFilterExpression,
  MemoryRecordOperatorType,
} from '@aws-sdk/client-bedrock-agentcore';
import { invalid } from '../../exceptions.ts';
import type { IndexedKey } from '../memory.ts';
import { isSystemKey, systemKeys } from './metadata.ts';
import type { Condition } from './reader.ts';

type KeyType = IndexedKey['type'] | 'DATETIME';
type ValueName = 'stringValue' | 'numberValue' | 'dateTimeValue';

/** Which keys an operator compares, by the value that it takes. */
const comparisons: Readonly<
  Partial<
    Record<MemoryRecordOperatorType, { sql: string; takes: Readonly<Partial<Record<KeyType, ValueName>>> }>
  >
> = {
  EQUALS_TO: { sql: '=', takes: { STRING: 'stringValue', NUMBER: 'numberValue' } },
  CONTAINS: { sql: '=', takes: { STRINGLIST: 'stringValue' } },
  GREATER_THAN: { sql: '>', takes: { NUMBER: 'numberValue' } },
  GREATER_THAN_OR_EQUALS: { sql: '>=', takes: { NUMBER: 'numberValue' } },
  LESS_THAN: { sql: '<', takes: { NUMBER: 'numberValue' } },
  LESS_THAN_OR_EQUALS: { sql: '<=', takes: { NUMBER: 'numberValue' } },
  BEFORE: { sql: '<', takes: { DATETIME: 'dateTimeValue' } },
  AFTER: { sql: '>', takes: { DATETIME: 'dateTimeValue' } },
};

/**
 * Metadata filters as conditions on the table of records.
 * @param member The path of the list, for errors.
 * @throws ValidationException for a key that is not indexed, and for an operator or a value that does not fit it.
 */
export function conditionsOf(
  filters: readonly MemoryMetadataFilterExpression[] | undefined,
  indexed: readonly IndexedKey[],
  member: string,
): Condition[] {
  return (filters ?? []).map((filter, i) => conditionOf(filter, indexed, `${member}.${i}`));
}

function conditionOf(
  { left, operator, right }: MemoryMetadataFilterExpression,
  indexed: readonly IndexedKey[],
  member: string,
): Condition {
  const key = left?.metadataKey;
  if (key === undefined) throw invalid(`${member}.left`, 'The filter names no metadataKey.');
  const type = typeOf(key, indexed, member);
  const value = right?.metadataValue;
  if (operator === 'EXISTS' || operator === 'NOT_EXISTS') {
    if (value) throw invalid(`${member}.right`, `The operator ${operator} takes no value.`);
    return existence(key, operator === 'EXISTS');
  }
  const comparison = operator && comparisons[operator];
  const takes = comparison?.takes[type];
  if (!comparison || !takes) {
    const possible = Object.entries(comparisons).flatMap(([name, { takes }]) => (takes[type] ? [name] : []));
    throw invalid(
      `${member}.operator`,
      `The operator ${operator} cannot be used with ${key}, which is a ${type}. Use ${[...possible, 'EXISTS', 'NOT_EXISTS'].join(', ')}.`,
    );
  }
  const given = value?.[takes];
  if (given === undefined)
    throw invalid(`${member}.right`, `The operator ${operator} with ${key} takes a ${takes}.`);
  return comparing(key, type, comparison.sql, given instanceof Date ? given.getTime() : given);
}

function typeOf(key: string, indexed: readonly IndexedKey[], member: string): KeyType {
  if (isSystemKey(key)) return systemKeys[key].type;
  const found = indexed.find((one) => one.key === key);
  if (found) return found.type;
  const keys = [...indexed.map((one) => one.key), ...Object.keys(systemKeys)];
  throw invalid(
    `${member}.left.metadataKey`,
    `The metadata key ${key} is not indexed in this memory; filters take only: ${keys.join(', ')}. UpdateMemory adds indexed keys.`,
  );
}

function existence(key: string, exists: boolean): Condition {
  if (isSystemKey(key)) return { sql: exists ? '1' : '0', values: [] };
  return { sql: `json_type(metadata, ?) IS ${exists ? 'NOT NULL' : 'NULL'}`, values: [jsonPath(key)] };
}

function comparing(key: string, type: KeyType, operator: string, value: string | number): Condition {
  if (isSystemKey(key)) return { sql: `${systemKeys[key].column} ${operator} ?`, values: [value] };
  if (type === 'STRINGLIST')
    return {
      sql: `EXISTS (SELECT 1 FROM json_each(metadata, ?) AS item WHERE item.value ${operator} ?)`,
      values: [`${jsonPath(key)}.stringListValue`, value],
    };
  const member = type === 'STRING' ? 'stringValue' : 'numberValue';
  return {
    sql: `json_extract(metadata, ?) ${operator} ?`,
    values: [`${jsonPath(key)}.${member}`, value],
  };
}

const jsonPath = (key: string) => `$."${key}"`;
