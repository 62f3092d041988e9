import { type Operation, operations, type Plane } from '../../engine/wire/operations.ts';
import { nearest } from '../../platform/nearest.ts';
import { kindOf } from '../operations.ts';
import { docsOf } from './docs.ts';
import { everydayWords, fillers } from './words.ts';

export interface Hit {
  operation: Operation;
  /** The first sentence of its description; empty where the SDK's declarations are not installed. */
  summary: string;
}

/** What a word is worth by where it stands, and what each word of a name costs that the query does not have. */
const weights = { name: 3, everyday: 2, summary: 1, text: 0.4 };
const unaskedCost = 0.9;
/** Nobody should be led to something destructive without asking for it. */
const destructiveCost = 0.9;

type Field = keyof typeof weights;

interface Entry extends Hit {
  name: ReadonlySet<string>;
  /** The best place each word stands in. */
  fields: ReadonlyMap<string, Field>;
  /** Everyday words, with the words of the name they stand for. */
  standsFor: ReadonlyMap<string, readonly string[]>;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Cuts the endings that differ between forms of an English word: `gateways`, `deleted`, `scoring`. */
function stem(word: string): string {
  const singular = word.length > 3 ? word.replace(/ies$/, 'y').replace(/(?<=[^su])s$/, '') : word;
  return singular.length > 4 ? singular.replace(/(?:ing|ed|er|or|e|ion)$/, '') : singular;
}

/** The words of a text in any script; `ListAgentRuntimes` and `list_agent_runtimes` are three words each. */
function wordsOf(text: string): string[] {
  const apart = text.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_/-]/g, ' ');
  return [...segmenter.segment(apart)]
    .filter((part) => part.isWordLike)
    .map((part) => part.segment.toLowerCase());
}

const stems = (text: string) => wordsOf(text).map(stem);

const fillerWords = new Set(wordsOf(fillers));

async function entryOf(operation: Operation): Promise<Entry> {
  const { summary, text } = await docsOf(operation);
  const name = new Set(stems(operation.name));
  const standsFor = new Map<string, string[]>();
  for (const [words, everyday] of Object.entries(everydayWords)) {
    const parts = stems(words);
    if (!parts.every((part) => name.has(part))) continue;
    for (const word of stems(everyday)) standsFor.set(word, [...(standsFor.get(word) ?? []), ...parts]);
  }
  const members = [...operation.input.structIterator()].map(([member]) => member);
  const fields = new Map<string, Field>();
  const add = (field: Field, words: Iterable<string>) => {
    for (const word of words) if (!fields.has(word)) fields.set(word, field);
  };
  add('name', [...name, ...wordsOf(operation.name)]);
  add('everyday', standsFor.keys());
  add('summary', stems(summary));
  add('text', stems(`${text} ${members.join(' ')}`));
  return { operation, summary, name, fields, standsFor };
}

async function buildIndex() {
  const entries = await Promise.all([...operations.values()].map(entryOf));
  const frequency = new Map<string, number>();
  for (const { fields } of entries)
    for (const word of fields.keys()) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return { entries, frequency };
}

/** Short words are too close to each other to be taken for one another. */
const typos = (length: number) => Math.min(2, Math.floor(length / 4));

let index: ReturnType<typeof buildIndex> | undefined;

/**
 * How well an operation answers the query: each word counts by its rarity and by where it stands; words of the name
 * that nothing in the query stands for count against it, so that the plainest operation wins.
 */
function score(
  { operation, name, fields, standsFor }: Entry,
  words: readonly string[],
  rarity: (word: string) => number,
) {
  let sum = 0;
  const unasked = new Set(name);
  for (const word of words) {
    const field = fields.get(word);
    if (!field) continue;
    sum += weights[field] * rarity(word);
    unasked.delete(word);
    for (const part of standsFor.get(word) ?? []) unasked.delete(part);
  }
  const [verb = ''] = name;
  const danger = unasked.has(verb) && kindOf(operation) === 'destructive';
  return sum && sum - unaskedCost * unasked.size - (danger ? destructiveCost : 0);
}

/** Operations for plain words, best first. A word that nothing contains is searched as the nearest one. */
export async function searchOperations(
  query: string,
  { plane, limit = 10 }: { plane?: Plane; limit?: number } = {},
): Promise<Hit[]> {
  index ??= buildIndex();
  const { entries, frequency } = await index;
  const rarity = (word: string) => Math.log(1 + entries.length / (frequency.get(word) ?? entries.length));
  const known = (word: string) =>
    frequency.has(word) || frequency.has(stem(word)) ? word : nearest(word, frequency.keys(), typos);
  const asked = wordsOf(query)
    .filter((word) => !fillerWords.has(word))
    .flatMap((word) => known(word) ?? []);
  const words = new Set([...asked.map(stem), ...asked.filter((word) => frequency.has(word))]);
  return entries
    .filter(({ operation }) => !plane || operation.plane === plane)
    .map((entry) => ({ entry, score: score(entry, [...words], rarity) }))
    .filter((ranked) => ranked.score !== 0)
    .sort((a, b) => b.score - a.score || a.entry.name.size - b.entry.name.size)
    .slice(0, limit)
    .map(({ entry: { operation, summary } }) => ({ operation, summary }));
}
