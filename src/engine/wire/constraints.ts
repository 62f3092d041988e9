import document from './constraints.json' with { type: 'json' };
import type { Model } from './schemas.ts';

/**
 * Which values AWS accepts for a string, number, blob, list or map. Made from the service models by
 * scripts/constraints.py.
 */
export interface Constraint {
  /** Least length in characters (code points), bytes (blob) or entries, or least number; by the value's type. */
  min?: number;
  max?: number;
  /** A regular expression that the whole text must match. */
  pattern?: string;
  enum?: readonly string[];
  /** Set where a number must be whole. */
  integer?: boolean;
  /** Of a list's entries. */
  member?: Constraint;
  /** Of a map's keys and values. */
  key?: Constraint;
  value?: Constraint;
}

/** As it stands in the file: entries, keys and values are shapes by name. */
type StoredConstraint = Omit<Constraint, 'member' | 'key' | 'value'> & {
  member?: string;
  key?: string;
  value?: string;
};

interface StoredModel {
  shapes: Readonly<Record<string, StoredConstraint>>;
  /** Shape names by structure and member. */
  structures: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const models = document as unknown as Readonly<Record<Model, StoredModel>>;
const resolved: Record<Model, Map<string, Constraint>> = {
  data: new Map(),
  control: new Map(),
  bedrock: new Map(),
  logs: new Map(),
  secrets: new Map(),
};
const compiled = new Map<string, RegExp>();

/**
 * The constraint on a structure's member, e.g. `('data', 'StartCodeInterpreterSessionRequest', 'sessionTimeoutSeconds')`
 * gives `{min: 1, max: 28800, integer: true}`. Undefined where any value of the member's type will do, and for
 * structures the service models do not have.
 */
export function constraintOf(model: Model, structure: string, member: string): Constraint | undefined {
  const members = own(models[model].structures, structure);
  const shape = members && own(members, member);
  return shape === undefined ? undefined : resolve(model, shape);
}

/** Whether the whole text matches the pattern. */
export function matches(pattern: string, text: string): boolean {
  let expression = compiled.get(pattern);
  if (!expression) {
    expression = new RegExp(`^(?:${pattern})$`, 'u');
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

function resolve(model: Model, shape: string): Constraint {
  const known = resolved[model].get(shape);
  if (known) return known;
  const { member, key, value, ...constraint }: StoredConstraint = own(models[model].shapes, shape) ?? {};
  const result: Constraint = {
    ...constraint,
    ...(member && { member: resolve(model, member) }),
    ...(key && { key: resolve(model, key) }),
    ...(value && { value: resolve(model, value) }),
  };
  resolved[model].set(shape, result);
  return result;
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
