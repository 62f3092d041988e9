import type { NormalizedSchema } from '@smithy/core/schema';
import fc, { type Arbitrary } from 'fast-check';
import { type Constraint, constraintOf, matches } from '../../src/engine/wire/constraints.ts';
import { type Model, requiredMembers } from '../../src/engine/wire/schemas.ts';

type Values = Record<string, unknown>;

/** Deeper than this only what must be there is made. */
const FULL_DEPTH = 5;

/** Random values of a structure that its model allows. Streamed members are left out. */
export function modelValues(model: Model, schema: NormalizedSchema): Arbitrary<Values> {
  return new Maker(model).structure(schema, 0);
}

class Maker {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  structure(schema: NormalizedSchema, depth: number): Arbitrary<Values> {
    const members = [...schema.structIterator()].filter(([, member]) => !member.isStreaming());
    const make = ([name, member]: [string, NormalizedSchema]) =>
      this.#value(member, constraintOf(this.#model, schema.getName() ?? '', name), depth + 1);
    if (schema.isUnionSchema()) {
      const simple = members.filter(([, member]) => !member.isStructSchema() && !member.isListSchema());
      const choice = depth >= FULL_DEPTH && simple.length > 0 ? simple : members;
      return fc.constantFrom(...choice).chain((entry) => make(entry).map((value) => ({ [entry[0]]: value })));
    }
    const needed = new Set(requiredMembers(schema));
    for (const [name, member] of members) {
      const { httpLabel, httpPayload, httpResponseCode, idempotencyToken } = member.getMergedTraits();
      if (httpLabel || httpPayload || httpResponseCode || idempotencyToken) needed.add(name);
    }
    const wanted = depth < FULL_DEPTH ? members : members.filter(([name]) => needed.has(name));
    return fc.record(Object.fromEntries(wanted.map((entry) => [entry[0], make(entry)])), {
      requiredKeys: [...needed].filter((name) => wanted.some(([key]) => key === name)),
      noNullPrototype: true,
    });
  }

  #value(schema: NormalizedSchema, constraint: Constraint | undefined, depth: number): Arbitrary<unknown> {
    const { httpHeader, httpLabel, httpQuery, httpResponseCode } = schema.getMergedTraits();
    if (httpResponseCode) return fc.constantFrom(200, 201, 202);
    if (schema.isDocumentSchema()) return jsonValues;
    if (schema.isStructSchema()) return fc.constant(0).chain(() => this.structure(schema, depth));
    if (schema.isListSchema()) {
      const least = Math.max(constraint?.min ?? 0, httpQuery ? 1 : 0);
      const entry = fc
        .constant(0)
        .chain(() => this.#value(schema.getValueSchema(), constraint?.member, depth + 1));
      return fc.array(entry, {
        minLength: least,
        maxLength: upTo(least, depth < FULL_DEPTH ? 3 : 0, constraint?.max),
      });
    }
    if (schema.isMapSchema()) {
      const least = constraint?.min ?? 0;
      const entry = fc
        .constant(0)
        .chain(() => this.#value(schema.getValueSchema(), constraint?.value, depth + 1));
      return fc.dictionary(
        texts(constraint?.key).filter((key) => key !== '__proto__'),
        entry,
        {
          minKeys: least,
          maxKeys: upTo(least, depth < FULL_DEPTH ? 3 : 0, constraint?.max),
          noNullPrototype: true,
        },
      );
    }
    if (schema.isTimestampSchema()) {
      return fc.integer({ min: -1e12, max: 4e12 }).map((milliseconds) => new Date(milliseconds));
    }
    if (schema.isBlobSchema()) {
      const least = constraint?.min ?? 0;
      return fc.uint8Array({ minLength: least, maxLength: upTo(least, 40, constraint?.max) });
    }
    if (schema.isNumericSchema()) return numbers(constraint);
    if (schema.isBooleanSchema()) return fc.boolean();
    if (httpHeader) return texts(constraint, printable);
    if (httpLabel) return texts(constraint).filter((text) => !['', '.', '..'].includes(text));
    return texts(constraint);
  }
}

const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));

/** Free JSON. Numbers beyond 2^53 are left out: the SDK's clients read them as BigInt. */
const jsonValues = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.integer(),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((n) => n || 0),
    ),
    fc.array(fc.oneof(tie('value'), fc.constant(null)), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      fc.oneof(tie('value'), fc.constant(null)),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
})).value;

function numbers({ min, max, integer }: Constraint = {}): Arbitrary<number> {
  if (integer)
    return fc.integer({
      min: Math.max(min ?? -(2 ** 31), -(2 ** 31)),
      max: Math.min(max ?? 2 ** 31 - 1, 2 ** 31 - 1),
    });
  return fc.double({ min: min ?? -1e15, max: max ?? 1e15, noNaN: true }).map((value) => value || 0);
}

/** Texts that a constraint allows. */
export function texts(
  constraint: Constraint = {},
  unit: Arbitrary<string> | 'grapheme' = 'grapheme',
): Arbitrary<string> {
  const { min = 0, max, pattern } = constraint;
  if (constraint.enum) return fc.constantFrom(...constraint.enum);
  if (pattern !== undefined) return matching(pattern, min, max);
  return fc
    .string({ unit, minLength: min, maxLength: upTo(min, 12, max) })
    .filter((text) => fits(text, min, max));
}

const plainText = fc.string({ unit: printable, maxLength: 12 });

/** Texts for patterns that cannot be turned round (lookahead), or only slowly (Unicode categories). */
const byHand = new Map([
  ['(?!memoryStrategyId$|actorId$|sessionId$)[a-z][a-z0-9]*', fc.stringMatching(/^v[a-z0-9]*$/)],
  ['[^\\p{C}]*', plainText],
  ['https://[^\\p{C}]*', plainText.map((text) => `https://${text}`)],
]);

/** Texts that match a pattern. */
export function textsMatching(pattern: string): Arbitrary<string> {
  return byHand.get(pattern) ?? fc.stringMatching(new RegExp(`^(?:${pattern})$`, 'u'));
}

const known = new Map<string, Arbitrary<string>>();

/** Short patterns are repeated where the text must be long. */
function matching(pattern: string, min: number, max: number | undefined): Arbitrary<string> {
  const key = `${min} ${max} ${pattern}`;
  let texts = known.get(key);
  if (!texts) {
    const one = textsMatching(pattern);
    const repeated = fc
      .array(one, { minLength: 1, maxLength: min > 8 ? 12 : 1 })
      .map((parts) => parts.join(''));
    texts = fc.oneof(one, repeated).filter((text) => fits(text, min, max) && matches(pattern, text));
    known.set(key, texts);
  }
  return texts;
}

function fits(text: string, min: number, max: number | undefined): boolean {
  const { length } = [...text];
  return length >= min && (max === undefined || length <= max);
}

function upTo(least: number, more: number, most: number | undefined): number {
  return Math.min(least + more, most ?? Number.POSITIVE_INFINITY);
}
