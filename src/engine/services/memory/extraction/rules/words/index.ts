import { german } from './de.ts';
import { english } from './en.ts';
import { spanish } from './es.ts';
import { japanese } from './ja.ts';
import type { Words } from './words.ts';
import { chinese } from './zh.ts';

/** Those that put spaces between words, so that words can be counted. */
export const spacedLanguages: readonly Words[] = [english, german, spanish];

const known = new Map([english, german, spanish, chinese, japanese].map((words) => [words.language, words]));

/** Of a language without words of its own, those of English: what they find is little, but not wrong. */
export const wordsOf = (language: string): Words => known.get(language) ?? english;
