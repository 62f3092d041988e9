/** What is known of the candidates for an answer, one number of each for every candidate. */
export interface Candidates {
  /** How near each is to the question in meaning, from -1 to 1; NaN where its vector is not made yet. */
  cosines: Float32Array;
  /** BM25 of its words, higher is better; 0 where it has no word of the question. */
  lexical: Float32Array;
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

/**
 * How far the cosine is believed, and how much of what it leaves open one point of BM25 closes. Measured on the tuning half of
 * the question set in bench/memory: between 0.03 and 0.04 little changes where meaning counts. Where it is noise it decides
 * between equals only.
 */
const weights: Readonly<Record<Reliance, { cosine: number; perPoint: number }>> = {
  meaning: { cosine: 1, perPoint: 0.035 },
  'meaning-only': { cosine: 1, perPoint: 0 },
  words: { cosine: 0.02, perPoint: 0.1 },
  'words-only': { cosine: 0, perPoint: 0.1 },
};

/**
 * The best candidates that have anything in common with the question, best first. The score is the cosine, and of what
 * that leaves open up to 1 the words close a share: much where they are rare, none where there is none.
 */
export function rank({ cosines, lexical }: Candidates, reliance: Reliance, limit: number): Ranked[] {
  const { cosine, perPoint } = weights[reliance];
  const top: Ranked[] = [];
  for (let index = 0; index < cosines.length; index++) {
    const open = 1 - cosine * (cosines[index] || 0);
    const bm25 = lexical[index] as number;
    const score = Math.min(1, bm25 > 0 ? 1 - open * Math.exp(-perPoint * bm25) : 1 - open);
    if (score > 0 && (top.length < limit || score > (top.at(-1)?.score ?? 0)))
      insert(top, { index, score }, limit);
  }
  return top;
}

function insert(top: Ranked[], ranked: Ranked, limit: number): void {
  let at = top.length;
  while (at > 0 && (top[at - 1] as Ranked).score < ranked.score) at--;
  top.splice(at, 0, ranked);
  if (top.length > limit) top.pop();
}
