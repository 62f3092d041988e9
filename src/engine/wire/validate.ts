import type { NormalizedSchema } from '@smithy/core/schema';
import { type Constraint, constraintOf, matches } from './constraints.ts';
import { shown } from './errors.ts';
import { type Model, type Operation, requiredMembers } from './schemas.ts';

/** What is wrong with one member of an input; as AWS lists it in a ValidationException. */
export interface FieldError {
  /** Where, e.g. `payload[0].conversational.role`; empty for the input itself. */
  name: string;
  /** What it must be and what it is, e.g. `must be at most 28800, is 99999`. */
  message: string;
}

/** Problems with one input are listed up to this many. */
export const MAX_FIELD_ERRORS = 20;

/**
 * Checks an input against the model: required members, exactly one member in a union, lengths, ranges, patterns and
 * enums. What is required is the SDK's word, the rest is botocore's. Values have the types the SDK gives them; entries
 * that are undefined, and members the model does not know, are not looked at.
 */
export function validate(
  operation: Operation<Model>,
  input: Readonly<Record<string, unknown>>,
): FieldError[] {
  const errors: FieldError[] = [];
  new Check(operation.plane, errors).structure(operation.input, input, '', false);
  return errors;
}

class Check {
  readonly #model: Model;
  readonly #errors: FieldError[];

  constructor(model: Model, errors: FieldError[]) {
    this.#model = model;
    this.#errors = errors;
  }

  structure(
    schema: NormalizedSchema,
    value: Readonly<Record<string, unknown>>,
    path: string,
    sensitive: boolean,
  ): void {
    const required = requiredMembers(schema);
    let present = 0;
    for (const [name, member] of schema.structIterator()) {
      const memberPath = path ? `${path}.${name}` : name;
      const memberValue = value[name];
      if (memberValue === undefined || memberValue === null) {
        if (required.includes(name)) this.#fail(memberPath, 'is required');
        continue;
      }
      present++;
      const constraint = constraintOf(this.#model, schema.getName() ?? '', name);
      this.#value(member, memberValue, constraint, memberPath, sensitive);
    }
    if (schema.isUnionSchema() && present !== 1) {
      this.#fail(path, `must have exactly one member of ${memberNames(schema)}, has ${present}`);
    }
  }

  #value(
    schema: NormalizedSchema,
    value: unknown,
    constraint: Constraint | undefined,
    path: string,
    inSensitive: boolean,
  ): void {
    if (value === undefined || this.#errors.length >= MAX_FIELD_ERRORS) return;
    const sensitive = inSensitive || Boolean(schema.getMergedTraits().sensitive);
    if (schema.isStructSchema()) {
      this.structure(schema, value as Record<string, unknown>, path, sensitive);
    } else if (schema.isListSchema()) {
      const entries = value as readonly unknown[];
      this.#size(entries.length, 'item', constraint, path);
      const entry = schema.getValueSchema();
      entries.forEach((item, index) => {
        this.#value(entry, item, constraint?.member, `${path}[${index}]`, sensitive);
      });
    } else if (schema.isMapSchema()) {
      const entries = Object.entries(value as object);
      this.#size(entries.length, 'item', constraint, path);
      const entry = schema.getValueSchema();
      for (const [key, item] of entries) {
        const itemPath = `${path}[${shown(key)}]`;
        this.#text(key, constraint?.key, itemPath, sensitive, 'the key ');
        this.#value(entry, item, constraint?.value, itemPath, sensitive);
      }
    } else if (constraint && schema.isStringSchema()) {
      this.#text(value as string, constraint, path, sensitive);
    } else if (constraint && schema.isNumericSchema()) {
      this.#number(value as number, constraint, path);
    } else if (constraint && schema.isBlobSchema()) {
      this.#size((value as Uint8Array).byteLength, 'byte', constraint, path);
    }
  }

  #text(
    text: string,
    constraint: Constraint | undefined,
    path: string,
    sensitive: boolean,
    subject = '',
  ): void {
    if (!constraint) return;
    const is = sensitive ? '' : `, is ${shown(text)}`;
    if (constraint.enum && !constraint.enum.includes(text)) {
      this.#fail(path, `${subject}must be one of ${constraint.enum.join(', ')}${is}`);
      return;
    }
    const fits = this.#size(characters(text), 'character', constraint, path, subject);
    // The length comes first: a pattern may take long on a text that is too long anyway.
    if (fits && constraint.pattern !== undefined && !matches(constraint.pattern, text)) {
      this.#fail(path, `${subject}must match ${constraint.pattern}${is}`);
    }
  }

  #number(value: number, { min, max, integer }: Constraint, path: string): void {
    if (integer && !Number.isSafeInteger(value)) this.#fail(path, `must be a whole number, is ${value}`);
    else if (min !== undefined && value < min) this.#fail(path, `must be at least ${min}, is ${value}`);
    else if (max !== undefined && value > max) this.#fail(path, `must be at most ${max}, is ${value}`);
  }

  #size(size: number, unit: string, constraint: Constraint | undefined, path: string, subject = ''): boolean {
    const { min, max } = constraint ?? {};
    if (min !== undefined && size < min) {
      this.#fail(path, `${subject}must have at least ${counted(min, unit)}, has ${size}`);
    } else if (max !== undefined && size > max) {
      this.#fail(path, `${subject}must have at most ${counted(max, unit)}, has ${size}`);
    } else {
      return true;
    }
    return false;
  }

  #fail(name: string, message: string): void {
    if (this.#errors.length < MAX_FIELD_ERRORS) this.#errors.push({ name, message });
  }
}

/** The names of a structure's members, for a message. */
export function memberNames(schema: NormalizedSchema): string {
  return [...schema.structIterator()].map(([name]) => name).join(', ');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function characters(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    if (isLow(text.charCodeAt(i)) && isHigh(text.charCodeAt(i - 1))) count--;
  }
  return count;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;
