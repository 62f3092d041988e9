import { stopWords } from './stop-words.ts';

/** Letters of scripts that are written without spaces between words, and Hangul, whose words carry endings. */
const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}ー\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}';
const runs = new RegExp(`[${unspaced}]+`, 'gu');
const words = new RegExp(`[${unspaced}]+|[[\\p{L}\\p{N}\\p{M}]--[${unspaced}]]+`, 'gv');
const isUnspaced = new RegExp(`^[${unspaced}]`, 'u');
const isGrammar = /^[\p{sc=Hiragana}的了是我你他她它们們在有和就不也都吗嗎呢吧么麼什这這那个個]+$/u;

/** What belongs together: `KL-4821`, `4.17.2`, `otter-17.internal`. */
const compounds = /[\p{L}\p{N}]+(?:[-_.,:/#@+][\p{L}\p{N}]+)+/gu;

/** More would not find more. */
const MAX_TERMS = 64;
/** A number tells more than a word as rare: who names one means exactly that. */
const NUMBER_COUNTS = 3;
const OR = ' OR ';

/**
 * A text as the lexical index keeps it. What is written without spaces becomes pairs of letters that overlap, and its last
 * letter: so words of two letters and more are found by their pairs, and single ones as the beginning of a pair.
 */
export function indexedWords(text: string): string {
  return text.normalize('NFKC').replace(runs, (run) => ` ${pairs(run, { last: true }).join(' ')} `);
}

/**
 * A question for the lexical index: any of its words, but those that say nothing, as `of`. Numbers count more, as do
 * identifiers that are there as a whole. Undefined where it has no words.
 */
export function lexicalQuery(text: string): string | undefined {
  const plain = text.normalize('NFKC').toLowerCase();
  const all = [...plain.matchAll(words)].flatMap(([word]) =>
    isUnspaced.test(word) ? pairs(word, { last: false }) : [word],
  );
  const telling = all.filter((word) => !stopWords.has(word) && !isGrammar.test(word));
  const terms = [...new Set(telling.length > 0 ? telling : all)].slice(0, MAX_TERMS).flatMap(term);
  const whole = [...new Set(plain.match(compounds))].slice(0, MAX_TERMS).map((word) => `"${word}"`);
  return terms.length === 0 ? undefined : [...terms, ...whole].join(OR);
}

/** How many different words a question for the lexical index has. */
export const countWords = (query = '') => new Set(query.split(OR)).size;

function term(word: string): string[] {
  const isLetter = isUnspaced.test(word) && [...word].length === 1;
  const count = /\p{N}/u.test(word) ? NUMBER_COUNTS : 1;
  return Array.from({ length: count }, () => (isLetter ? `"${word}"*` : `"${word}"`));
}

function pairs(run: string, { last }: { last: boolean }): string[] {
  const letters = [...run];
  const made = letters.slice(0, -1).map((letter, i) => letter + letters[i + 1]);
  return last || made.length === 0 ? [...made, letters.at(-1) ?? ''] : made;
}
