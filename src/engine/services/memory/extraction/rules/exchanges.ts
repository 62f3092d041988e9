import type { Message } from '../extractor.ts';
import { bare } from './clauses.ts';
import { withDates } from './dates.ts';
import { isWide, languageIn } from './language.ts';
import { inThirdPerson, upperFirst } from './person.ts';
import { sentencesOf } from './sentences.ts';
import { wordsOf } from './words/index.ts';

/** One message of the user, if it began with one, and what came back. */
export interface Exchange {
  asked: Message[];
  answered: Message[];
}

export function exchangesOf(messages: readonly Message[]): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const message of messages) {
    const last = exchanges.at(-1);
    if (message.role === 'USER') exchanges.push({ asked: [message], answered: [] });
    else if (last) last.answered.push(message);
    else exchanges.push({ asked: [], answered: [message] });
  }
  return exchanges;
}

const MAX_CHARACTERS = 300;
/** Longer ones are cut: where a sentence ends is not seen in everything. */
const cut = (text: string) =>
  text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1).trimEnd()}…` : text;

/** The sentences of a message that say something, as somebody else would report them. */
export function reported(message: Message): string[] {
  const language = languageIn(message.text);
  const words = wordsOf(language);
  return sentencesOf(message.text, language)
    .filter(({ text, listed }) => !listed && !words.filler.test(text) && !words.joke.test(text))
    .map(({ text, asks }) => {
      const told = bare(text, words).text;
      return words.filler.test(told) ? '' : report(told, asks || words.request.test(told), message, language);
    })
    .filter((text) => text.length > (isWide(language) ? 5 : 12));
}

/** The sentences of a message that say something, as they are. */
export function spoken({ text }: Message): string[] {
  const language = languageIn(text);
  const { filler } = wordsOf(language);
  return sentencesOf(text, language)
    .filter((sentence) => !sentence.listed && !filler.test(sentence.text))
    .map((sentence) => cut(sentence.text));
}

function report(text: string, asks: boolean, { role, at }: Message, language: string): string {
  const dated = withDates(cut(text), language, at);
  if (language !== 'en') {
    return dated;
  }
  const [speaker, listener] = role === 'USER' ? ['the user', 'the assistant'] : ['the assistant', 'the user'];
  if (asks) {
    const verb = role === 'USER' || /[?？]/.test(dated) ? 'asked' : 'suggested';
    return `${upperFirst(speaker)} ${verb}: “${upperFirst(dated)}”`;
  }
  const told = upperFirst(inThirdPerson(dated, { speaker, listener }));
  return /[.!?…”"]$/.test(told) ? told : `${told.replace(/[\s,;:]+$/, '')}.`;
}

/** How the user began. */
export const beginningOf = ({ asked }: Exchange) => (asked[0]?.text ?? '').trim().slice(0, MAX_CHARACTERS);

/** All that people said in an exchange, in brief. */
export function gistOfExchange({ asked, answered }: Exchange, longest = 400): string {
  const said = [...asked, ...answered.filter(({ role }) => role !== 'TOOL')];
  return said
    .map(({ text }) => text.replace(/```[\s\S]*?(?:```|$)/g, ' ').slice(0, longest / 2))
    .join(' ')
    .slice(0, longest);
}
