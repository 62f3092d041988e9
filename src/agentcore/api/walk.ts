import type { NormalizedSchema } from '@smithy/core/schema';

/** Gives what a value becomes, or undefined to look into it. */
export type Replace = (schema: NormalizedSchema, value: unknown, name: string) => { by: unknown } | undefined;

/**
 * A modelled value with some parts replaced. `name` is the nearest member's, also for entries of lists and maps. Members
 * that are undefined or null, or that the schema does not know, are left out.
 */
export function replaceIn(schema: NormalizedSchema, value: unknown, name: string, replace: Replace): unknown {
  const replaced = replace(schema, value, name);
  if (replaced) return replaced.by;
  if (schema.isStructSchema()) {
    const members = [...schema.structIterator()].flatMap(([member, inner]) => {
      const given = (value as Record<string, unknown>)[member];
      return given === undefined || given === null
        ? []
        : [[member, replaceIn(inner, given, member, replace)] as const];
    });
    return Object.fromEntries(members);
  }
  if (schema.isListSchema()) {
    return (value as unknown[]).map((item) => replaceIn(schema.getValueSchema(), item, name, replace));
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as object);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, replaceIn(schema.getValueSchema(), item, name, replace)]),
    );
  }
  return value;
}
