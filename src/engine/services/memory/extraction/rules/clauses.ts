import { isWide } from './language.ts';
import type { Sentence } from './sentences.ts';
import type { Words } from './words/words.ts';

const MIN_WORDS = 3;
const MIN_WIDE_CHARACTERS = 4;

/** The parts of a sentence that stand on their own, so that one of them can change without the others. */
export function clausesOf(sentence: Sentence, words: Words): Sentence[] {
  const reason = words.reason.exec(sentence.text);
  const [because, rest] = [reason?.groups?.because, reason?.groups?.rest];
  if (because !== undefined && rest !== undefined) {
    return [{ ...sentence, text: because, asks: false }, ...clausesOf({ ...sentence, text: rest }, words)];
  }
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: joint } of sentence.text.matchAll(new RegExp(words.clauses, 'giu'))) {
    const part = sentence.text.slice(from, index);
    if (isClause(part, words)) {
      parts.push(part);
      from = index + joint.length;
    }
  }
  parts.push(sentence.text.slice(from));
  return parts.map((text, index) => ({
    ...sentence,
    text,
    asks: sentence.asks && index === parts.length - 1 && !words.tag.test(text),
  }));
}

const isClause = (text: string, words: Words) => words.verb.test(text) && isLongEnough(text, words.language);

/** A sentence without what leads it in. */
export function bare(
  sentence: string,
  words: Words,
): { text: string; remembered: boolean; corrects: boolean } {
  let text = sentence.trim();
  let remembered = false;
  let corrects = false;
  for (let before = ''; before !== text; ) {
    before = text;
    const without = (form: RegExp) => {
      const rest = text.replace(form, '').replace(/^[\s,:;.!，、：–—-]+/u, '');
      const cut = rest !== text && rest !== '';
      text = cut ? rest : text;
      return cut;
    };
    remembered = without(words.remember) || remembered;
    corrects = without(words.correction) || corrects;
    without(words.lead);
  }
  const told = remembered && words.language === 'de' ? verbSecond(text) : text;
  return { text: told.replace(words.tag, '').replace(/[\s.!。！…]+$/u, ''), remembered, corrects };
}

/** A German clause after "dass", as a sentence: "ich am 3. Mai Geburtstag habe", "ich habe am 3. Mai Geburtstag". */
function verbSecond(clause: string): string {
  const [, subject, middle, verb, end = ''] =
    /^((?:ich|wir|er|sie|es|(?:meine?|unsere?|der|die|das) \p{Lu}\p{L}+)) (.+) (\p{Ll}+)([.!]*)$/u.exec(
      clause,
    ) ?? [];
  return subject && middle && verb && !/^(?:bin|ist|sind|habe|hat|haben|mag|war|wohne|heiße) /.test(middle)
    ? `${subject} ${verb} ${middle}${end}`
    : clause;
}

/** Whether there is enough of it to say something. */
export function isLongEnough(text: string, language: string): boolean {
  return isWide(language)
    ? text.replace(/[\p{P}\s]/gu, '').length >= MIN_WIDE_CHARACTERS
    : text.split(/[\s'’]+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length >= MIN_WORDS;
}
