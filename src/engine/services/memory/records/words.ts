import { stopWords } from './stop-words.ts';

/** Letters of scripts that are written without spaces between words, and Hangul, whose words carry endings. */
const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}ー\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}';
const runs = new RegExp(`[${unspaced}]+`, 'gu');
const words = new RegExp(`[${unspaced}]+|[[\\p{L}\\p{N}\\p{M}]--[${unspaced}]]+`, 'gv');
const isUnspaced = new RegExp(`^[${unspaced}]`, 'u');
const isGrammar = /^[\p{sc=Hiragana}的了是我你他她它们們在有和就不也都吗嗎呢吧么麼什这這那个個谁誰哪]+$/u;

/** What belongs together: `KL-4821`, `4.17.2`, `otter-17.internal`. */
const plainPart = `[[\\p{L}\\p{N}]--[${unspaced}]]+`;
const compounds = new RegExp(`${plainPart}(?:[\\-_.,:\\/#@+]${plainPart})+`, 'gv');

/** More would not find more. */
const MAX_TERMS = 64;
/** A number tells more than a word as rare: who names one means exactly that. */
const NUMBER_COUNTS = 3;

/** A word of a question. */
export interface Word {
  /** As the lexical index is asked for it. */
  match: string;
  /** How much more it tells than a word as rare. */
  counts: number;
  /** The word itself where it is made of letters only, in a script with spaces: then it may have been mistyped. */
  letters?: string;
  /** Letters of a script without spaces, which may be the end of one word and the beginning of the next. */
  isPair?: true;
}

/**
 * A text as the lexical index keeps it. What is written without spaces becomes pairs of letters that overlap, and its last
 * letter: so words of two letters and more are found by their pairs, and single ones as the beginning of a pair.
 */
export function indexedWords(text: string): string {
  return text.normalize('NFKC').replace(runs, (run) => ` ${pairs(run, { last: true }).join(' ')} `);
}

/**
 * The words of a question, without those that say nothing, as `of`, where it has others. Identifiers are there in parts and
 * as a whole. None where it has no words.
 */
export function wordsOf(question: string): Word[] {
  const plain = question.normalize('NFKC').toLowerCase();
  const all = [...plain.matchAll(words)].flatMap(([word]) =>
    isUnspaced.test(word) ? pairs(word, { last: false }) : [word],
  );
  const telling = all.filter((word) => !stopWords.has(word) && !isGrammar.test(word));
  const parts = [...new Set(telling.length > 0 ? telling : all)].slice(0, MAX_TERMS).map(wordOf);
  const whole = [...new Set(plain.match(compounds))].slice(0, MAX_TERMS);
  return [...parts, ...whole.map((compound) => ({ match: `"${compound}"`, counts: 1 }))];
}

function wordOf(word: string): Word {
  if (isUnspaced.test(word))
    return { match: [...word].length === 1 ? `"${word}"*` : `"${word}"`, counts: 1, isPair: true };
  if (/\p{N}/u.test(word)) return { match: `"${word}"`, counts: NUMBER_COUNTS };
  return { match: `"${word}"`, counts: 1, letters: word };
}

function pairs(run: string, { last }: { last: boolean }): string[] {
  const letters = [...run];
  const made = letters.slice(0, -1).map((letter, i) => letter + letters[i + 1]);
  return last || made.length === 0 ? [...made, letters.at(-1) ?? ''] : made;
}
