import { existsSync } from 'node:fs';
import { weightsFile } from './weights-file.ts';

/** A model that works in a thread of this process. */
export interface LocalModel {
  id: string;
  name: string;
  /** Those it knows, as ISO 639-1 names them. */
  languages: readonly string[];
  /** Measured on 3,000 facts of the bench, each with each. */
  unrelated: { mean: number; deviation: number };
  /** Where its weights are; undefined where npm has brought them. */
  weights?: string;
}

/** Of 33 MB, in npm. */
export const englishModel: LocalModel = {
  id: 'universal-sentence-encoder-lite',
  name: 'Universal Sentence Encoder lite (English only)',
  languages: ['en'],
  unrelated: { mean: 0.22, deviation: 0.11 },
};

/** Fetched by setup. Better and faster than the other one, in English, too. */
export const multilingualModel = (weights = weightsFile()): LocalModel => ({
  id: 'universal-sentence-encoder-multilingual-3',
  name: 'Universal Sentence Encoder multilingual',
  languages: ['ar', 'de', 'en', 'es', 'fr', 'it', 'ja', 'ko', 'nl', 'pl', 'pt', 'ru', 'th', 'tr', 'zh'],
  unrelated: { mean: 0.14, deviation: 0.09 },
  weights,
});

/** The one that is named; otherwise the better one, where it is there. */
export function localModel(name = existsSync(weightsFile()) ? 'multilingual' : 'english'): LocalModel {
  return name === 'multilingual' ? multilingualModel() : englishModel;
}
