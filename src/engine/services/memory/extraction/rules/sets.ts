export type Words = ReadonlySet<string>;

export const minus = (one: Words, other: Words): Words =>
  new Set([...one].filter((word) => !other.has(word)));
export const common = (one: Words, other: Words): number => [...one].filter((word) => other.has(word)).length;
export const within = (one: Words, other: Words): boolean => common(one, other) === one.size;
export const equal = (one: Words, other: Words): boolean => one.size === other.size && within(one, other);
/** The share of what both have in all that they have, from 0 to 1. */
export const overlap = (one: Words, other: Words): number => {
  const both = common(one, other);
  return both / (one.size + other.size - both || 1);
};
