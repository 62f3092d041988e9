import { languageOf } from '../../../../models/embeddings/language.ts';
import { spacedLanguages } from './words/index.ts';

/** So many characters tell a language. */
const LOOKED_AT = 2_000;

/** The language of a text; of a few words, by the common ones among them or by what was said around them. English where nothing tells. */
export function languageIn(text: string, around = ''): string {
  const begin = text.slice(0, LOOKED_AT);
  const language = languageOf(begin) ?? byCommonWords(begin) ?? languageOf(around) ?? 'en';
  // A few words of Japanese may be written as Chinese is.
  return language === 'zh' && languageOf(around) === 'ja' ? 'ja' : language;
}

function byCommonWords(text: string): string | undefined {
  const tokens = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const [first, second] = spacedLanguages
    .map(({ language, common, firstPerson }) => ({
      language,
      count: tokens.filter((token) => common.has(token) || firstPerson.exec(token)?.[0] === token).length,
    }))
    .sort((a, b) => b.count - a.count);
  return first && first.count > (second?.count ?? 0) ? first.language : undefined;
}

/** Written without spaces between words. */
export const isWide = (language: string) => language === 'zh' || language === 'ja';
