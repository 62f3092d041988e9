import { isWide } from './language.ts';
import { minus } from './sets.ts';
import { attributes } from './words/attributes.ts';
import { wordsOf } from './words/index.ts';
import type { Words } from './words/words.ts';

/** What a sentence comes down to, for comparing it with others. */
export interface Gist {
  /** What it is about; empty for the user. */
  subject: ReadonlySet<string>;
  /** The words that tell something, without their endings, of the rest of the sentence. */
  words: ReadonlySet<string>;
  /** Those of its words that are written as names are. */
  names: ReadonlySet<string>;
  negated: boolean;
  /** Says that something is other than before. */
  changed: boolean;
  /** Tells of something that happened, and stays true. */
  past: boolean;
  attribute?: Attribute;
  /** What it says that something took the place of. */
  former: ReadonlySet<string>;
}

interface Attribute {
  name: string;
  subject: ReadonlySet<string>;
  value: string;
  /** Values of two kinds may both be true. */
  kind: 'number' | 'name' | 'something' | 'word';
  /** Has one value only, of whatever kind. */
  exclusive: boolean;
}

export function gistOf(text: string, language: string): Gist {
  const words = wordsOf(language);
  const plain = text
    .trim()
    .replace(/[\s.!。！…]+$/u, '')
    .replaceAll('’', "'")
    .replace(/^[¡¿]/, '');
  const about = words.subject.exec(plain)?.groups?.subject ?? '';
  const subject = contentOf(about, language, words);
  const rest = minus(contentOf(plain, language, words), subject);
  return {
    subject,
    words: rest,
    names: contentOf(plain.match(/(?<=\S\s+)\p{Lu}[\p{L}\p{N}-]*/gu)?.join(' ') ?? '', language, words),
    negated: words.negation.test(plain),
    changed: words.change.test(plain),
    past: words.past.test(plain),
    attribute: attributeOf(plain, language, words),
    former: contentOf(words.former.exec(plain)?.groups?.former ?? '', language, words),
  };
}

function attributeOf(text: string, language: string, words: Words): Gist['attribute'] {
  for (const { name, form } of attributes[language] ?? []) {
    const { subject = '', value = '' } = form.exec(text)?.groups ?? {};
    const [first] = contentOf(value, language, words);
    if (first !== undefined && !somebody.test(subject) && (name !== 'employer' || !/^\p{Ll}/u.test(value))) {
      return {
        name,
        subject: contentOf(subject, language, words),
        value: first,
        kind: kindOf(value),
        exclusive: name !== 'value' || words.exclusive.test(subject),
      };
    }
  }
  return undefined;
}

/** Not the user, and nobody knows who. */
const somebody = /^(?:he|she|it|they|er|es|él|ella|ellos|ellas)$/i;

function kindOf(value: string): Attribute['kind'] {
  if (/^\P{L}*\d/u.test(value)) return 'number';
  if (/^(?:an?|eine?|una?) /i.test(value)) return 'something';
  return /^\p{Lu}/u.test(value) ? 'name' : 'word';
}

const tokenForm = /[\p{L}\p{N}]+(?:[’'.:@/_+-]+[\p{L}\p{N}]+)*/gu;

/** The words that tell something, without their endings, those of one meaning as one. */
export function contentOf(text: string, language: string, words: Words = wordsOf(language)): Set<string> {
  return new Set(
    tokensOf(text, language)
      .map((token) => token.toLowerCase())
      .filter((token) => !isEnding(token))
      .filter(
        (token) =>
          !words.common.has(token) && !words.common.has(token.replace(/'s$/, '')) && !isMarker(token, words),
      )
      .map((token) => canonical(token, words)),
  );
}

/** The words of a text as they stand there. */
export function tokensOf(text: string, language: string): string[] {
  const plain = text.replaceAll('’', "'");
  return isWide(language)
    ? [...segmenterOf(language).segment(plain)]
        .filter(({ isWordLike }) => isWordLike)
        .map(({ segment }) => segment)
    : (plain.match(tokenForm) ?? []);
}

/** What Japanese words end in stands as words of its own. */
const isEnding = (token: string) => /^\p{Script=Hiragana}{1,3}$/u.test(token);

/** Whether a word says only that something is not, or is so now. */
const isMarker = (token: string, { negation, change }: Words) =>
  exactly(negation, token) || exactly(change, token);
const exactly = (form: RegExp, token: string) => form.exec(token)?.[0] === token;

const canons = new WeakMap<Words, Map<string, string>>();

function canonical(token: string, words: Words): string {
  let canon = canons.get(words);
  if (!canon) {
    canon = new Map(
      words.synonyms.flatMap((group) =>
        group.map((word) => [words.stem(word), words.stem(group[0] ?? word)] as const),
      ),
    );
    canons.set(words, canon);
  }
  const stem = words.stem(token);
  return canon.get(stem) ?? stem;
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(language: string): Intl.Segmenter {
  const known = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: 'word' });
  segmenters.set(language, known);
  return known;
}
