/** What is known of the candidates for an answer, one number of each for every candidate. */
export interface Candidates {
  /** How near each is to the question in meaning, from -1 to 1; NaN where its vector is not made yet. */
  cosines: Float32Array;
  /** BM25 of its words, higher is better; 0 where it has no word of the question. */
  lexical: Float32Array;
}

/**
 * What can be relied on: `meaning`, with a share for words; mostly `words`, where the embedder does not know the question's
 * language; `words-only`, where there is no vector of the question.
 */
export type Reliance = 'meaning' | 'meaning-only' | 'words' | 'words-only';

export interface Ranked {
  /** Of the candidate. */
  index: number;
  /** From 0 to 1, higher is better. */
  score: number;
}

interface Weights {
  meaning: number;
  words: number;
}

const weights: Readonly<Record<Reliance, Weights>> = {
  meaning: { meaning: 1, words: 0.15 },
  'meaning-only': { meaning: 1, words: 0 },
  words: { meaning: 0.2, words: 0.8 },
  'words-only': { meaning: 0, words: 0.5 },
};

/** A record without a vector is as near as one in the middle, where it has the words. */
const WITHOUT_VECTOR = 0.5;

/** The best candidates that have anything in common with the question, best first. */
export function rank({ cosines, lexical }: Candidates, reliance: Reliance, limit: number): Ranked[] {
  const { meaning, words } = weights[reliance];
  const whole = Math.max(1, meaning + words);
  const best = lexical.reduce((a, b) => Math.max(a, b), 0) || 1;
  const top: Ranked[] = [];
  for (let index = 0; index < cosines.length; index++) {
    const cosine = cosines[index] as number;
    const share = (lexical[index] as number) / best;
    const score = Number.isNaN(cosine)
      ? Math.max(words, WITHOUT_VECTOR * meaning) * share
      : meaning * cosine + words * share;
    if (score > 0 && (top.length < limit || score / whole > (top.at(-1)?.score ?? 0)))
      insert(top, { index, score: Math.min(1, score / whole) }, limit);
  }
  return top;
}

function insert(top: Ranked[], ranked: Ranked, limit: number): void {
  let at = top.length;
  while (at > 0 && (top[at - 1] as Ranked).score < ranked.score) at--;
  top.splice(at, 0, ranked);
  if (top.length > limit) top.pop();
}
