import { wordsOf } from './words/index.ts';

const weekday =
  /(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lunes|martes|miércoles|jueves|viernes|sábado|domingo|(?:星期|周|礼拜)[一二三四五六日天]|[月火水木金土日]曜日?/iu;
const clock =
  /\d{1,2}(?::\d{2}|\.\d{2})?\s?(?:am|pm|uhr|h|o'clock|点半?|時半?)|\d{1,2}:\d{2}|noon|midnight/iu;
const number = /\d[\d.,]*/u;
const name = /(?<=\S\s+)\p{Lu}[\p{L}\d-]+(?: \p{Lu}[\p{L}\d-]+)*/u;
const pronoun = /^(?:it|he|she|they|er|sie|es|él|ella)(?='s| |$)/iu;
const MAX_FRAGMENT_WORDS = 4;

/**
 * A correction that says only what is different, as the whole of what it corrects: "My train leaves at 9." "No, it leaves at 10."
 * @returns undefined where it can be understood alone, or nobody can tell what it is about.
 */
export function amended(earlier: string, correction: string, language: string): string | undefined {
  const words = wordsOf(language);
  const subject = words.subject.exec(earlier)?.groups?.subject;
  if (subject !== undefined && pronoun.test(correction)) {
    return correction.replace(pronoun, subject);
  }
  if (words.firstPerson.test(correction) || (words.verb.test(correction) && language === 'en'))
    return undefined;
  if (correction.split(/\s+/).length > MAX_FRAGMENT_WORDS || correction.length > 30) return undefined;
  for (const kind of [weekday, clock, number, ...(language === 'en' || language === 'es' ? [name] : [])]) {
    // What stands at the beginning is as large as a name.
    const value = kind.exec(`: ${correction}`)?.[0];
    if (value !== undefined) {
      return kind.test(earlier) ? earlier.replace(kind, value.replace(/[.,]$/, '')) : undefined;
    }
  }
  return undefined;
}
