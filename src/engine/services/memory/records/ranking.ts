/** What is known of the candidates for an answer, one number of each for every candidate. */
export interface Candidates {
  /** How near each is to the question in meaning, from -1 to 1; NaN where its vector is not made yet. */
  cosines: Float32Array;
  /** BM25 of its words, higher is better; 0 where it has no word of the question. */
  lexical: Float32Array;
  /** How many words the question has for BM25. */
  words: number;
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

/** How much of what meaning leaves open one point of BM25 closes, where meaning cannot be relied on. */
const PER_POINT = 0.1;
/**
 * The same beside meaning, where one record has all words of the question and each is rare; less where the best one has less
 * of it. Measured on the tuning half of the question set in bench/memory, with both local models; a fifth more or less
 * changes little.
 */
const PER_POINT_OF_ALL = 0.09;
const MOST_PER_POINT = 0.06;

/**
 * The best candidates that have anything in common with the question, best first. The score is the cosine, and of what
 * that leaves open up to 1 the words close a share: much where they are rare, none where there is none.
 */
export function rank(candidates: Candidates, reliance: Reliance, limit: number): Ranked[] {
  const { cosines, lexical } = candidates;
  const believed = trust[reliance];
  const perPoint = perPointOf(candidates, reliance);
  const top: Ranked[] = [];
  for (let index = 0; index < cosines.length; index++) {
    const open = 1 - believed * (cosines[index] || 0);
    const bm25 = lexical[index] as number;
    const score = Math.min(1, bm25 > 0 ? 1 - open * Math.exp(-perPoint * bm25) : 1 - open);
    if (score > 0 && (top.length < limit || score > (top.at(-1)?.score ?? 0)))
      insert(top, { index, score }, limit);
  }
  return top;
}

function perPointOf({ cosines, lexical, words }: Candidates, reliance: Reliance): number {
  if (reliance !== 'meaning') return reliance === 'meaning-only' ? 0 : PER_POINT;
  const best = lexical.reduce((most, bm25) => Math.max(most, bm25), 0);
  /** BM25 of a question whose words are each in one record only. */
  const all = Math.max(words, 1) * Math.log(1 + cosines.length);
  return all === 0 ? 0 : Math.min(MOST_PER_POINT, (PER_POINT_OF_ALL * best) / all);
}

function insert(top: Ranked[], ranked: Ranked, limit: number): void {
  let at = top.length;
  while (at > 0 && (top[at - 1] as Ranked).score < ranked.score) at--;
  top.splice(at, 0, ranked);
  if (top.length > limit) top.pop();
}
