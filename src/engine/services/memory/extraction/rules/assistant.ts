import type { Message } from '../extractor.ts';
import { bare, isLongEnough } from './clauses.ts';
import { languageIn } from './language.ts';
import { type Sentence, sentencesOf } from './sentences.ts';
import { asStatement, MAX_CHARACTERS, type Statement } from './statement.ts';
import { wordsOf } from './words/index.ts';
import type { Words } from './words/words.ts';

/** Whether the user says yes to what an assistant said. */
export const isConfirmed = (answer: Message | undefined) =>
  answer?.role === 'USER' &&
  wordsOf(languageIn(answer.text)).confirmation.test(answer.text.trim().slice(0, 100));

/** What an assistant said of the user, or proposed, where the user says yes to it. */
export function confirmedBy(answer: Message, asked: Message | undefined): Statement[] {
  return asked?.role === 'ASSISTANT' && isConfirmed(answer)
    ? assistantStatements(
        asked,
        (sentence, words) => words.claimed.test(sentence.text) || words.outcome.test(sentence.text),
      )
    : [];
}

/** What an assistant's message says of decisions and outcomes. */
export function outcomesIn(message: Message): Statement[] {
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
    .map((text) => asStatement(text.replace(/[?？]\s*$/, ''), message, language));
}
