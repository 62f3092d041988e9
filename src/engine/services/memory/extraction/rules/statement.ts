import type { Message } from '../extractor.ts';
import { withDates } from './dates.ts';
import { isWide } from './language.ts';
import { inThirdPerson, upperFirst } from './person.ts';

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

/** A longer sentence is none that people say. */
export const MAX_CHARACTERS = 600;

/** What was said, told so that it can be understood later and by others. */
export function asStatement(
  said: string,
  { role, at }: Message,
  language: string,
  flags: Partial<Pick<Statement, 'remembered' | 'corrects' | 'personal'>> = {},
): Statement {
  const dated = withDates(said, language, at);
  const [speaker, listener] =
    role === 'ASSISTANT' ? ['the assistant', 'the user'] : ['the user', 'the assistant'];
  const told = language === 'en' ? inThirdPerson(dated, { speaker, listener }) : dated;
  const text = ended(upperFirst(told), language);
  return { text, said, role, language, remembered: false, corrects: false, personal: false, ...flags };
}

export const ended = (text: string, language: string) =>
  /[.!?。！？…]["”」)]*$/u.test(text)
    ? text
    : text.replace(/[\s,;:–—-]+$/u, '') + (isWide(language) ? '。' : '.');
