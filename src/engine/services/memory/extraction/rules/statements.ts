import type { Lesson, Message } from '../extractor.ts';
import { amended } from './amendments.ts';
import { confirmedBy, isConfirmed, outcomesIn } from './assistant.ts';
import { bare, clausesOf, isLongEnough } from './clauses.ts';
import { withDates } from './dates.ts';
import { isWide, languageIn } from './language.ts';
import { type Sentence, sentencesOf } from './sentences.ts';
import { asStatement, ended, MAX_CHARACTERS, type Statement } from './statement.ts';
import { wordsOf } from './words/index.ts';
import type { Words } from './words/words.ts';

const MAX_BRIEF = 30;
const MAX_BRIEF_WORDS = 4;

/** @returns what the new messages of a lesson tell, oldest first. */
export function statementsOf({ messages, context }: Pick<Lesson, 'messages' | 'context'>): Statement[] {
  const all = [...context, ...messages];
  const around = all
    .map(({ text }) => text.slice(0, 200))
    .join('\n')
    .slice(0, 2_000);
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
  return { ...asStatement(text, message, language, { personal: true }), text: told };
}

const fits = (one: Statement, other: Statement) => one.text.length + other.text.length <= MAX_CHARACTERS;

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
  return asStatement(text, message, language, { remembered, corrects, personal });
}

/** Whether there is something in it that one would look for: a name, a number, something definite. */
function isTelling(text: string, words: Words): boolean {
  return (
    /\d/.test(text) ||
    (/(?<=\S\s+)(?:\p{Lu}\p{L}+|\p{Lu}{2,})/u.test(text) && words.language !== 'de') ||
    words.definite.test(text)
  );
}
