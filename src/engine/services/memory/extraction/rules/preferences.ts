import type { Lesson, Message } from '../extractor.ts';
import type { Preference } from '../forms.ts';
import { bare, clausesOf } from './clauses.ts';
import { isWide, languageIn } from './language.ts';
import { inThirdPerson, upperFirst } from './person.ts';
import { sentencesOf } from './sentences.ts';
import type { Statement } from './statement.ts';
import { statementsOf } from './statements.ts';
import { categories } from './words/categories.ts';
import { wordsOf } from './words/index.ts';
import type { Words } from './words/words.ts';

export type { Preference };

/** @returns what the user likes, dislikes, is used to or asks for once and for all, in the order it was told. */
export function preferencesOf(lesson: Lesson): Preference[] {
  return lesson.messages
    .filter(({ role }) => role === 'USER')
    .flatMap((message) => {
      const before = lesson.messages[lesson.messages.indexOf(message) - 1] ?? lesson.context.at(-1);
      const alone = { ...lesson, messages: [message], context: before ? [before] : [] };
      const statements = statementsOf(alone);
      const told = statements.map((statement) => fromStatement(statement, before));
      return [...told, ...wishesIn(message, statements)].filter((preference) => preference !== undefined);
    })
    .filter(
      ({ preference }, index, all) => all.findIndex((other) => other.preference === preference) === index,
    );
}

function fromStatement(
  { text, said, language }: Statement,
  before: Message | undefined,
): Preference | undefined {
  const found = formsIn(said, wordsOf(language));
  return (
    found && {
      context: contextOf(said, language, before),
      preference: plain(text),
      categories: categoriesOf(text, found),
    }
  );
}

/** How the user wants to be spoken to: asked for, so that no statement says it. */
function wishesIn(message: Message, told: readonly Statement[]): Preference[] {
  const language = languageIn(message.text);
  const words = wordsOf(language);
  return sentencesOf(message.text, language)
    .flatMap((sentence) => clausesOf(sentence, words))
    .filter(({ asks }) => !asks)
    .flatMap((clause) => {
      const { text } = bare(clause.text, words);
      const found = formsIn(text, words);
      if (!found?.includes('communication') || told.some(({ said }) => said.includes(text))) return [];
      const wish = text.replace(/^please,? /i, '');
      const voices = { speaker: 'the user', listener: 'the assistant' };
      const preference = plain(language === 'en' ? inThirdPerson(wish, voices) : wish);
      return [{ context: clause.text, preference, categories: categoriesOf(text, found) }];
    });
}

/** The categories that the forms of preferences in a text bring along; undefined where there is no such form. */
function formsIn(text: string, { preferences }: Words): string[] | undefined {
  const found = preferences.filter(({ form }) => form.test(text));
  return found.length ? found.flatMap(({ category }) => category ?? []) : undefined;
}

/** What was said, behind the question that it answers. */
function contextOf(said: string, language: string, before: Message | undefined): string {
  const question =
    before?.role === 'ASSISTANT'
      ? sentencesOf(before.text, language).findLast(({ asks }) => asks)?.text
      : undefined;
  return question === undefined ? said : `${question}${isWide(language) ? '' : ' '}${said}`;
}

const plain = (text: string) => upperFirst(text.replace(/^The user(?:'s)? /, '')).replace(/[.。]$/u, '');

const MAX_CATEGORIES = 4;
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const wordLists = Object.entries(categories).map(([name, list]) => {
  const words = list.split(' ');
  return {
    name,
    spaced: new Set(words.filter((word) => !wide.test(word))),
    wide: words.filter((word) => wide.test(word)),
  };
});

function categoriesOf(text: string, found: readonly string[]): string[] {
  const tokens = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const named = wordLists
    .filter(
      (list) =>
        tokens.some((token) => list.spaced.has(token)) || list.wide.some((word) => text.includes(word)),
    )
    .map(({ name }) => name);
  const all = [...new Set([...found, ...named])].slice(0, MAX_CATEGORIES);
  return all.length ? all : ['general'];
}

/** What a record says; its whole text is the preference where it is none of this form. */
export function preferenceIn(text: string): Preference {
  const found = (() => {
    try {
      return JSON.parse(text) as Partial<Preference> | null;
    } catch {
      return null;
    }
  })();
  const strings = Array.isArray(found?.categories)
    ? found.categories.filter((one) => typeof one === 'string')
    : [];
  const [context = '', preference = text] = [found?.context, found?.preference].map((value) =>
    typeof value === 'string' ? value : undefined,
  );
  return { context, preference, categories: strings };
}

/** English preferences leave out whose they are. */
export function asSentence(preference: string): string {
  if (languageIn(preference) !== 'en') return preference;
  const verb = /^(?:\p{L}+(?:s|ed|n't)|always|never|only|usually|would|will|can)(?= )/iu.test(preference);
  const rest = preference.replace(/^\p{Lu}(?=\p{Ll})/u, (letter) => letter.toLowerCase());
  return verb ? `The user ${rest}` : `The user's ${rest}`;
}
