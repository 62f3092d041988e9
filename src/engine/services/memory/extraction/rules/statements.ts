import type { Lesson, Message } from '../extractor.ts';
import { amended } from './amendments.ts';
import { withDates } from './dates.ts';
import { languageIn } from './language.ts';
import { inThirdPerson, upperFirst } from './person.ts';
import { type Sentence, sentencesOf } from './sentences.ts';
import { wordsOf } from './words/index.ts';
import type { Words } from './words/words.ts';

/** Something told in a conversation that may be true beyond it. */
export interface Statement {
  /** To be understood on its own. */
  text: string;
  /** As it was said. */
  said: string;
  role: Message['role'];
  language: string;
  /** The user asked for it to be remembered. */
  remembered: boolean;
  /** It corrects what was said before. */
  corrects: boolean;
  /** It speaks of the user. */
  personal: boolean;
}

const MIN_WORDS = 3;
const MIN_WIDE_CHARACTERS = 4;
const MAX_CHARACTERS = 600;
const MAX_BRIEF = 30;
const MAX_BRIEF_WORDS = 4;

/** @returns what the new messages of a lesson tell, oldest first. */
export function statementsOf({ messages, context }: Pick<Lesson, 'messages' | 'context'>): Statement[] {
  const all = [...context, ...messages];
  const around = all.map(({ text }) => text).join('\n');
  let earlier = context
    .filter(({ role }) => role === 'USER')
    .flatMap((message) => toldBy(message, { around }))
    .at(-1);
  return messages.flatMap((message, index) => {
    const before = all[context.length + index - 1];
    const after = messages[index + 1];
    if (message.role === 'USER') {
      const told = toldBy(message, { around, earlier, before });
      earlier = told.at(-1) ?? earlier;
      return [...confirmedBy(message, before), ...told];
    }
    return message.role === 'ASSISTANT' && !isConfirmed(after) ? outcomesIn(message) : [];
  });
}

/** What surrounds a message. */
interface Setting {
  /** The conversation, by which its language is known. */
  around: string;
  /** What the user told last. */
  earlier?: Statement | undefined;
  /** The message before. */
  before?: Message | undefined;
}

/** What a user's message tells. */
function toldBy(message: Message, { around, earlier, before }: Setting): Statement[] {
  const language = languageIn(message.text, around);
  const words = wordsOf(language);
  const clauses = sentencesOf(message.text, language).flatMap((sentence) => clausesOf(sentence, words));
  const answer = answerIn(clauses[0], message, before, language, words);
  const told = answer ? [answer] : [];
  let previous = answer;
  for (const clause of answer ? clauses.slice(1) : clauses) {
    if (words.joke.test(clause.text)) {
      if (previous && told.at(-1) === previous) told.pop();
      previous = undefined;
      continue;
    }
    const { text, corrects } = bare(clause.text, words);
    const corrected = previous ?? earlier;
    const whole = corrects && corrected ? amended(corrected.said, text, language) : undefined;
    if (whole !== undefined) {
      if (previous && told.at(-1) === previous) told.pop();
      previous = statementOf({ ...clause, text: whole }, message, language, words, { corrects: true });
      if (previous) told.push(previous);
      continue;
    }
    const backward = previous !== undefined && words.backward.test(text);
    const statement = statementOf(clause, message, language, words, { goesOn: backward });
    if (statement && backward && previous && !statement.personal && fits(previous, statement)) {
      previous.text += (isWide(language) ? '' : ' ') + statement.text;
      previous.said += ` ${statement.said}`;
    } else {
      if (statement) told.push(statement);
      previous = statement;
    }
  }
  return told;
}

/** A few words that only the question before them gives a sense. */
function answerIn(
  clause: Sentence | undefined,
  message: Message,
  before: Message | undefined,
  language: string,
  words: Words,
): Statement | undefined {
  const question = before?.role === 'ASSISTANT' ? sentencesOf(before.text, language).at(-1) : undefined;
  if (!clause || clause.asks || !question?.asks || question.text.length > MAX_CHARACTERS / 2)
    return undefined;
  const { text } = bare(clause.text, words);
  const brief =
    language === 'en'
      ? !words.verb.test(text)
      : /\d/.test(text) && text.length <= MAX_BRIEF && text.split(' ').length <= MAX_BRIEF_WORDS;
  const empty = [words.filler, words.request, words.question, words.hypothetical].some((form) =>
    form.test(text),
  );
  if (!brief || empty || !/[\p{L}\p{N}]{2}/u.test(text) || text.length > MAX_CHARACTERS / 2) return undefined;
  const said = withDates(text, language, message.at).replace(/[.!。]$/u, '');
  const told =
    language === 'en'
      ? `Asked “${question.text}”, the user said: “${said}”.`
      : `${question.text}${isWide(language) ? '' : ' '}${ended(said, language)}`;
  return {
    text: told,
    said: text,
    role: 'USER',
    language,
    remembered: false,
    corrects: false,
    personal: true,
  };
}

const fits = (one: Statement, other: Statement) => one.text.length + other.text.length <= MAX_CHARACTERS;

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

function statementOf(
  sentence: Sentence,
  message: Message,
  language: string,
  words: Words,
  given: { goesOn?: boolean; corrects?: boolean },
): Statement | undefined {
  const { text, remembered, ...itself } = bare(sentence.text, words);
  const corrects = itself.corrects || given.corrects === true;
  const personal = words.firstPerson.test(text);
  if (!remembered || sentence.asks) {
    const refused =
      sentence.asks ||
      (sentence.listed && !personal) ||
      words.filler.test(sentence.text) ||
      words.filler.test(text) ||
      words.question.test(text) ||
      words.request.test(text) ||
      words.hypothetical.test(text) ||
      !(personal || corrects || given.goesOn || isTelling(text, words)) ||
      !(words.verb.test(text) || /[:：]/.test(text));
    if (refused) {
      return undefined;
    }
  }
  if (!isLongEnough(text, language) || text.length > MAX_CHARACTERS) {
    return undefined;
  }
  const dated = withDates(text, language, message.at);
  const told =
    language === 'en' ? inThirdPerson(dated, { speaker: 'the user', listener: 'the assistant' }) : dated;
  return {
    text: ended(upperFirst(told), language),
    said: text,
    role: message.role,
    language,
    remembered,
    corrects,
    personal,
  };
}

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

/** Whether there is something in it that one would look for: a name, a number, something definite. */
function isTelling(text: string, words: Words): boolean {
  return (
    /\d/.test(text) ||
    (/(?<=\S\s+)(?:\p{Lu}\p{L}+|\p{Lu}{2,})/u.test(text) && words.language !== 'de') ||
    words.definite.test(text)
  );
}

function isLongEnough(text: string, language: string): boolean {
  return isWide(language)
    ? text.replace(/[\p{P}\s]/gu, '').length >= MIN_WIDE_CHARACTERS
    : text.split(/[\s'’]+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length >= MIN_WORDS;
}

export const isWide = (language: string) => language === 'zh' || language === 'ja';

const ended = (text: string, language: string) =>
  /[.!?。！？…]["”」)]*$/u.test(text)
    ? text
    : text.replace(/[\s,;:–—-]+$/u, '') + (isWide(language) ? '。' : '.');

const isConfirmed = (answer: Message | undefined) =>
  answer?.role === 'USER' && wordsOf(languageIn(answer.text)).confirmation.test(answer.text.trim());

/** What an assistant said of the user, or proposed, where the user says yes to it. */
function confirmedBy(answer: Message, asked: Message | undefined): Statement[] {
  return asked?.role === 'ASSISTANT' && isConfirmed(answer)
    ? assistantStatements(
        asked,
        (sentence, words) => words.claimed.test(sentence.text) || words.outcome.test(sentence.text),
      )
    : [];
}

/** What an assistant's message says of decisions and outcomes. */
function outcomesIn(message: Message): Statement[] {
  return assistantStatements(message, ({ text, asks }, words) => !asks && words.outcome.test(text));
}

const MAX_OF_ASSISTANT = 3;

function assistantStatements(
  message: Message,
  wanted: (sentence: Sentence, words: Words) => boolean,
): Statement[] {
  const language = languageIn(message.text);
  const words = wordsOf(language);
  return sentencesOf(message.text, language)
    .filter((sentence) => !sentence.listed && wanted(sentence, words))
    .map(({ text }) => bare(text, words).text)
    .filter(
      (text) =>
        isLongEnough(text, language) && text.length <= MAX_CHARACTERS && !words.hypothetical.test(text),
    )
    .slice(0, MAX_OF_ASSISTANT)
    .map((text) => {
      const dated = withDates(text, language, message.at).replace(/[?？]\s*$/, '');
      const told =
        language === 'en' ? inThirdPerson(dated, { speaker: 'the assistant', listener: 'the user' }) : dated;
      return {
        text: ended(upperFirst(told), language),
        said: text,
        role: message.role,
        language,
        remembered: false,
        corrects: false,
        personal: false,
      };
    });
}
