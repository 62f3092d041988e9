/** Numbers that look random and are the same in every run, for each name others. */
export interface Random {
  /** From 0, below a bound. */
  below(bound: number): number;
  one<T>(of: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

export function randomOf(name: string): Random {
  let state = hash(name);
  // Mulberry32.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    below,
    one(of) {
      if (of.length === 0) throw new RangeError('There is nothing to choose from.');
      return of[below(of.length)] as (typeof of)[number];
    },
    shuffled(items) {
      const result = [...items];
      for (let last = result.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [result[last], result[other]] = [result[other] as never, result[last] as never];
      }
      return result;
    },
  };
}
