import { beginning, ending, tokensOf } from './tokens.ts';

type Json = unknown;

/** Data made to fit, and what it lacks, e.g. `80 of 100 items`. */
export interface Fitted<T> {
  data: T;
  omitted: string[];
}

/**
 * Cuts data to a size in tokens of its JSON form. Small members stay whole; long texts lose their middle and long
 * lists their end, so that the shape stays valid.
 */
export function cutToFit<T>(data: T, maxTokens: number): Fitted<T> {
  const omitted: string[] = [];
  return { data: shrink(data, maxTokens, '', omitted) as T, omitted };
}

function shrink(value: Json, budget: number, path: string, omitted: string[]): Json {
  if (cost(value) <= budget) return value;
  if (typeof value === 'string') return shrinkText(value, budget, path, omitted);
  if (Array.isArray(value)) return shrinkList(value, budget, path, omitted);
  if (typeof value === 'object' && value !== null) return shrinkObject(value, budget, path, omitted);
  return value;
}

function cost(value: Json): number {
  return value === undefined ? 0 : tokensOf(JSON.stringify(value));
}

function shrinkText(text: string, budget: number, path: string, omitted: string[]): string {
  const head = beginning(text, budget * 0.6);
  const tail = ending(text.slice(head.length), budget * 0.4);
  const dropped = text.length - head.length - tail.length;
  omitted.push(`${dropped} of ${text.length} characters${path && ` of ${path}`}`);
  return `${head}\n[… ${dropped} characters omitted …]\n${tail}`;
}

function shrinkList(list: readonly Json[], budget: number, path: string, omitted: string[]): Json[] {
  const kept: Json[] = [];
  let left = budget;
  for (const item of list) {
    const price = cost(item);
    if (price > left) break;
    kept.push(item);
    left -= price;
  }
  if (kept.length === 0 && list.length > 0) kept.push(shrink(list[0], budget, `${path}[0]`, omitted));
  if (kept.length < list.length)
    omitted.push(`${list.length - kept.length} of ${list.length} ${path || 'items'}`);
  return kept;
}

/** Gives every member an equal share; what the small ones leave goes to the large ones. */
function shrinkObject(object: object, budget: number, path: string, omitted: string[]): Json {
  const members = Object.entries(object).map(([key, value]) => ({ key, value, price: cost(value) }));
  const shares = new Map<string, number>();
  let left = budget;
  let waiting = members.length;
  for (const { key, price } of members.toSorted((a, b) => a.price - b.price)) {
    const share = Math.min(price, left / waiting);
    shares.set(key, share);
    left -= share;
    waiting--;
  }
  return Object.fromEntries(
    members.map(({ key, value }) => [
      key,
      shrink(value, shares.get(key) ?? 0, path ? `${path}.${key}` : key, omitted),
    ]),
  );
}
