import { type Gist, gistOf } from './gist.ts';
import { languageIn } from './language.ts';
import { common, equal, minus, overlap, type Words, within } from './sets.ts';

/** What a new text is to a known one. */
export type Relation = 'same' | 'less' | 'more' | 'instead' | 'other';

/**
 * From here on, two sentences of a different number of words say the same in other words. Those in which one word stands for
 * another come as near whether they say the same or not, e.g. "black tea" and "green tea".
 */
const SAME_MEANING = 0.94;

/** Longer texts are not taken apart. */
export const MAX_CHARACTERS = 1_000;

/** How a new sentence relates to a known one. `similarity` of their meanings; undefined where nobody knows. */
export function relationOf(
  known: string,
  told: string,
  { similarity = 0, corrects = false }: { similarity?: number; corrects?: boolean } = {},
): Relation {
  if (normalized(known) === normalized(told)) return 'same';
  if (Math.max(known.length, told.length) > MAX_CHARACTERS) return 'other';
  const language = languageIn(`${told} ${known}`);
  const [before, now] = [gistOf(known, language), gistOf(told, language)];
  const changes = now.changed || corrects;
  if (contradicts(before, now, changes)) return 'instead';
  if (before.negated !== now.negated || !equal(before.subject, now.subject)) return 'other';
  const [gone, come] = [minus(before.words, now.words), minus(now.words, before.words)];
  if (gone.size === 0 && come.size === 0) return 'same';
  if (gone.size === 0 && before.words.size > 0) return 'more';
  if (come.size === 0 && now.words.size > 0) return 'less';
  const names = new Set([...before.names, ...now.names]);
  if ([...gone, ...come].some((word) => isNumber(word) || names.has(word))) return 'other';
  const isParaphrase = similarity > SAME_MEANING && gone.size !== come.size;
  return isParaphrase || isSpelledAlike(gone, come) ? 'same' : 'other';
}

function contradicts(before: Gist, now: Gist, changes: boolean): boolean {
  return (
    hasOtherValue(before, now, changes) ||
    isOpposite(before, now) ||
    hasOtherNumber(before, now) ||
    (changes && (replaces(before, now) || hasOtherWord(before, now)))
  );
}

/** The same attribute of the same subject has another value. */
function hasOtherValue(
  { attribute: before, words: known }: Gist,
  { attribute: now, words: told }: Gist,
  changes: boolean,
): boolean {
  return (
    before !== undefined &&
    now !== undefined &&
    before.name === now.name &&
    !told.has(before.value) &&
    !known.has(now.value) &&
    isSameSubject(before.subject, now.subject, changes) &&
    (now.exclusive ||
      (now.subject.size > 0 && (changes || (before.kind === now.kind && /^(?:number|name)$/.test(now.kind)))))
  );
}

/** What was said is denied, or what was denied is said. */
function isOpposite(before: Gist, now: Gist): boolean {
  return (
    before.negated !== now.negated &&
    equal(before.subject, now.subject) &&
    common(before.words, now.words) > 0 &&
    (within(now.words, before.words) || overlap(before.words, now.words) >= 0.5)
  );
}

/** All is as before but for a number, of something that does not stay true by having happened. */
function hasOtherNumber(before: Gist, now: Gist): boolean {
  const [gone, come] = [minus(before.words, now.words), minus(now.words, before.words)];
  return (
    !(before.past && now.past) &&
    gone.size === 1 &&
    come.size === 1 &&
    [...gone, ...come].every(isNumber) &&
    equal(before.subject, now.subject) &&
    before.negated === now.negated
  );
}

/** The new sentence names what it puts in the place of what. */
function replaces(before: Gist, now: Gist): boolean {
  return (
    now.former.size > 0 &&
    within(now.former, before.words) &&
    isSameSubject(before.subject, now.subject, true)
  );
}

/** Most is as before but for a word. */
function hasOtherWord(before: Gist, now: Gist): boolean {
  const both = common(before.words, now.words);
  return (
    both > 1 &&
    before.words.size - both === 1 &&
    now.words.size - both >= 1 &&
    isSameSubject(before.subject, now.subject, true)
  );
}

/** A change may name its subject more briefly. */
const isSameSubject = (before: Words, now: Words, changes: boolean) =>
  equal(before, now) || (changes && now.size > 0 && within(now, before));

const isNumber = (word: string) => /\d/.test(word);
/** Whether each word of both is another form of one of the other. */
function isSpelledAlike(one: Words, other: Words): boolean {
  const alike = (word: string, words: Words) =>
    [...words].some((candidate) => likeness(word, candidate) >= 0.65);
  return [...one].every((word) => alike(word, other)) && [...other].every((word) => alike(word, one));
}

/** The share of pairs of neighbouring letters that two words have in common, from 0 to 1. */
function likeness(one: string, other: string): number {
  const pairs = (word: string) =>
    new Set(Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2)));
  const [a, b] = [pairs(one), pairs(other)];
  return a.size + b.size > 4 ? (2 * common(a, b)) / (a.size + b.size) : 0;
}

export const normalized = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}]+/gu, ' ')
    .trim();
