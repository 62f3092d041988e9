import { existsSync } from 'node:fs';
import { weightsFile } from './weights-file.ts';

/** A model that works in a thread of this process. */
export interface LocalModel {
  id: string;
  name: string;
  /** Those it knows, as ISO 639-1 names them. */
  languages: readonly string[];
  /** Where its weights are; undefined where npm has brought them. */
  weights?: string;
}

/** Of 33 MB, in npm. */
export const englishModel: LocalModel = {
  id: 'universal-sentence-encoder-lite',
  name: 'Universal Sentence Encoder lite (English only)',
  languages: ['en'],
};

/** Fetched by setup. Better and faster than the other one, in English, too. */
export const multilingualModel = (weights = weightsFile()): LocalModel => ({
  id: 'universal-sentence-encoder-multilingual-3',
  name: 'Universal Sentence Encoder multilingual',
  languages: ['ar', 'de', 'en', 'es', 'fr', 'it', 'ja', 'ko', 'nl', 'pl', 'pt', 'ru', 'th', 'tr', 'zh'],
  weights,
});

/** The one that is named; otherwise the better one, where it is there. */
export function localModel(name = existsSync(weightsFile()) ? 'multilingual' : 'english'): LocalModel {
  return name === 'multilingual' ? multilingualModel() : englishModel;
}
