/** What is known of the candidates for an answer, one number of each for every candidate. */
export interface Candidates {
  /** How near each is to the question in meaning, from -1 to 1; NaN where its vector is not made yet. */
  cosines: Float32Array;
  /** How much of the question's words each has, weighed by how rare they are, from 0 to 1. */
  coverage: Float32Array;
}

/**
 * What can be relied on: `meaning`, with a share for words; mostly `words`, where the embedder does not know the question's
 * language; `words-only`, where there is no vector of the question; `meaning-only`, whatever the words are.
 */
export type Reliance = 'meaning' | 'meaning-only' | 'words' | 'words-only';

export interface Ranked {
  /** Of the candidate. */
  index: number;
  /** From 0 to 1, higher is better. */
  score: number;
}

/** How far the cosine is believed. Where it is noise it decides between equals only. */
const trust: Readonly<Record<Reliance, number>> = {
  meaning: 1,
  'meaning-only': 1,
  words: 0.02,
  'words-only': 0,
};

/**
 * How much of what meaning leaves open is closed by a record that has all words of the question, and how much less by one
 * that has some. Chosen by the tuning questions in bench/memory, with both local models.
 */
const CLOSED_BY_ALL = 0.8;
const LESS_BY_SOME = 2.5;

/**
 * The best candidates that have anything in common with the question, best first. The score is the cosine, and of what
 * that leaves open up to 1 the words close a share: much where a record has most of those that are rare.
 */
export function rank({ cosines, coverage }: Candidates, reliance: Reliance, limit: number): Ranked[] {
  const believed = trust[reliance];
  const closed = reliance === 'meaning-only' ? 0 : CLOSED_BY_ALL;
  const top: Ranked[] = [];
  for (let index = 0; index < cosines.length; index++) {
    const open = 1 - believed * (cosines[index] || 0);
    const has = coverage[index] as number;
    const score = has > 0 ? 1 - open * (1 - closed * has ** LESS_BY_SOME) : 1 - open;
    if (score > 0 && (top.length < limit || score > (top.at(-1)?.score ?? 0)))
      insert(top, { index, score: Math.min(1, score) }, limit);
  }
  return top;
}

function insert(top: Ranked[], ranked: Ranked, limit: number): void {
  let at = top.length;
  while (at > 0 && (top[at - 1] as Ranked).score < ranked.score) at--;
  top.splice(at, 0, ranked);
  if (top.length > limit) top.pop();
}
