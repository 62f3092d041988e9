import type { NormalizedSchema } from '@smithy/core/schema';
import { type Constraint, constraintOf } from '../../engine/wire/constraints.ts';
import { type Operation, operations, type Plane, requiredMembers } from '../../engine/wire/operations.ts';
import { systemInterpreter } from '../code-interpreter.ts';
import { kindOf } from '../operations.ts';
import { docsOf } from './docs.ts';
import { isSecret } from './secrets.ts';

/** Nested shapes are written out up to this many characters; the others are named. About 1,500 tokens. */
const MAX_CHARACTERS = 6_000;
const MAX_PATTERN = 100;

/** What the service itself provides, for examples. */
const wellKnown: Readonly<Record<string, string>> = {
  codeInterpreterIdentifier: systemInterpreter,
  browserIdentifier: 'aws.browser.v1',
};

/** An operation as a model reads it: what it does, its types in TypeScript's style, its errors, an example. */
export async function describeOperation(operation: Operation): Promise<string> {
  const { name, plane, method, uri, input, output } = operation;
  const { summary, errors } = await docsOf(operation);
  const tool = kindOf(operation) === 'read' ? 'read_aws_api' : 'call_aws_api';
  const taken = new Types(plane);
  const given = new Types(plane, taken);
  const example = { operation: name, params: exampleOf(plane, input) };
  const types = [
    `input ${taken.body(input)}`,
    ...taken.nested(),
    `output ${given.body(output)}`,
    ...given.nested(),
  ].join('\n');
  return [
    `${name}: ${summary || 'no description'}`,
    `${plane} plane, ${kindOf(operation)}, ${method} ${uri}`,
    types,
    / blob\b/.test(types) ? 'blob: a text, or {"base64"}, {"json"} or {"file": workspace path}' : '',
    / timestamp\b/.test(types) ? 'timestamp: ISO 8601' : '',
    errors.length > 0 ? `errors: ${errors.map((error) => error.replace(/Exception$/, '')).join(', ')}` : '',
    `example: ${tool} ${JSON.stringify(example)}`,
  ]
    .filter(Boolean)
    .join('\n');
}

type Shapes = ReadonlyMap<string, NormalizedSchema>;

let shapes: Readonly<Record<Plane, Shapes>> | undefined;

/** A shape and what it is made of, by its name in a description, of each plane; undefined when no operation has it. */
export function describeShape(name: string): string | undefined {
  shapes ??= { data: shapesOf('data'), control: shapesOf('control') };
  const texts = Object.entries(shapes).flatMap(([plane, ofPlane]) => {
    const schema = ofPlane.get(name);
    if (!schema) return [];
    const types = new Types(plane as Plane);
    return [`type ${name} = ${types.body(schema)}`, ...types.nested()].join('\n');
  });
  return [...new Set(texts)].join('\n\nOn the control plane:\n') || undefined;
}

/** Every structure and union of a plane. */
function shapesOf(plane: Plane): Shapes {
  const found = new Map<string, NormalizedSchema>();
  const add = (schema: NormalizedSchema): void => {
    if (schema.isListSchema() || schema.isMapSchema()) add(schema.getValueSchema());
    const name = schema.getName();
    if (!name || !schema.isStructSchema() || found.has(name)) return;
    found.set(name, schema);
    for (const [, member] of schema.structIterator()) add(member);
  };
  for (const operation of operations.values()) {
    if (operation.plane === plane) for (const schema of [operation.input, operation.output]) add(schema);
  }
  return found;
}

/** Writes types, and remembers which shapes they name. */
class Types {
  readonly #plane: Plane;
  readonly #input: Types | undefined;
  readonly #named = new Map<string, NormalizedSchema>();

  /** @param input The types of an operation's input, for those of its output: what they have is not repeated. */
  constructor(plane: Plane, input?: Types) {
    this.#plane = plane;
    this.#input = input;
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  /** The members of a structure, one a line; of a union, of which exactly one is given, as alternatives. */
  body(structure: NormalizedSchema): string {
    const required = requiredMembers(structure);
    const members = [...structure.structIterator()].filter(([, member]) => !member.getMergedTraits().error);
    if (members.length === 0) return '{}';
    const lines = members.map(([name, member]) => {
      const constraint = constraintOf(this.#plane, structure.getName() ?? '', name);
      const optional = structure.isUnionSchema() || required.includes(name) ? '' : '?';
      const notes = [...(this.#input ? [] : limits(member, constraint)), ...remarks(member, name)].join('; ');
      return `  ${name}${optional}: ${this.#type(member, constraint)}${notes && ` // ${notes}`}`;
    });
    return `{${structure.isUnionSchema() ? ' // exactly one of' : ''}\n${lines.join('\n')}\n}`;
  }

  /** All shapes that were named so far and by each other, nearest first; beyond the limit only their names. */
  nested(): string[] {
    const written: string[] = [];
    const left: string[] = [];
    let size = 0;
    for (const [name, shape] of this.#named) {
      const text = size > MAX_CHARACTERS ? '' : `type ${name} = ${this.body(shape)}`;
      size += text.length;
      if (text) written.push(text);
      else left.push(name);
    }
    if (left.length > 0) written.push(`Not shown, search for the name to see it: ${left.join(', ')}`);
    return written;
  }

  #type(schema: NormalizedSchema, constraint: Constraint | undefined): string {
    if (schema.isStructSchema()) {
      const name = schema.getName() ?? '';
      if (!this.#input?.has(name) && !this.has(name)) this.#named.set(name, schema);
      return schema.isStreaming() ? `stream of ${name}` : name;
    }
    if (schema.isListSchema()) {
      const item = this.#type(schema.getValueSchema(), constraint?.member);
      return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
    }
    if (schema.isMapSchema()) return `{[key]: ${this.#type(schema.getValueSchema(), constraint?.value)}}`;
    if (constraint?.enum) return constraint.enum.map((value) => `'${value}'`).join(' | ');
    return scalar(schema);
  }
}

function scalar(schema: NormalizedSchema): string {
  if (schema.isDocumentSchema()) return 'any JSON';
  if (schema.isBlobSchema()) return schema.isStreaming() ? 'stream of bytes' : 'blob';
  if (schema.isTimestampSchema()) return 'timestamp';
  if (schema.isBooleanSchema()) return 'boolean';
  return schema.isNumericSchema() ? 'number' : 'string';
}

function limits(schema: NormalizedSchema, constraint: Constraint = {}): string[] {
  const { min = 0, max, pattern, integer } = constraint;
  if (constraint.enum) return [];
  const range = max !== undefined ? `${min} to ${max}` : `at least ${min}`;
  return [
    integer && schema.isNumericSchema() ? 'whole' : '',
    max !== undefined || min > 0 ? `${range}${unitOf(schema)}` : '',
    pattern && pattern.length <= MAX_PATTERN ? `/${pattern}/` : '',
  ].filter(Boolean);
}

function unitOf(schema: NormalizedSchema): string {
  if (schema.isNumericSchema()) return '';
  if (schema.isListSchema() || schema.isMapSchema()) return ' entries';
  return schema.isBlobSchema() ? ' bytes' : ' characters';
}

function remarks(schema: NormalizedSchema, name: string): string[] {
  return [
    schema.isIdempotencyToken() ? 'made when left out' : '',
    isSecret(schema, name) ? 'secret, never shown' : '',
  ].filter(Boolean);
}

/** The required members with a value of the right kind each. */
function exampleOf(plane: Plane, structure: NormalizedSchema): Record<string, unknown> {
  const members = structure.getMemberSchemas();
  const names = structure.isUnionSchema() ? Object.keys(members).slice(0, 1) : requiredMembers(structure);
  return Object.fromEntries(
    names.flatMap((name) => {
      const member = members[name];
      if (!member || member.isIdempotencyToken()) return [];
      return [
        [name, exampleValue(plane, member, constraintOf(plane, structure.getName() ?? '', name), name)],
      ];
    }),
  );
}

function exampleValue(
  plane: Plane,
  schema: NormalizedSchema,
  constraint: Constraint | undefined,
  name: string,
): unknown {
  if (schema.isStructSchema()) return exampleOf(plane, schema);
  if (schema.isListSchema()) return [exampleValue(plane, schema.getValueSchema(), constraint?.member, name)];
  if (schema.isMapSchema())
    return { key: exampleValue(plane, schema.getValueSchema(), constraint?.value, name) };
  if (schema.isDocumentSchema()) return {};
  if (schema.isTimestampSchema()) return '2026-01-31T12:00:00Z';
  if (schema.isBooleanSchema()) return true;
  if (schema.isNumericSchema()) return constraint?.min ?? 1;
  return constraint?.enum?.[0] ?? wellKnown[name] ?? `<${name}>`;
}
