import type { Embedder } from '../../../../models/embeddings/embedder.ts';
import { beginningOf, type Exchange, gistOfExchange, reported } from './exchanges.ts';
import { contentOf, tokensOf } from './gist.ts';
import { isWide } from './language.ts';
import { type Meaning, meaningsOf, nearness, thresholdWith } from './meanings.ts';
import { wordsOf } from './words/index.ts';

/** What a part of a session was about, and the sentences that say most of it, in the order in which they were said. */
export interface Topic {
  name: string;
  sentences: string[];
}

/** How near an exchange has to be to the topic just spoken of, and to one from before; for vectors and for words. */
const THRESHOLDS = {
  vectors: { current: 0.38, earlier: 0.48, turned: 0.65 },
  words: { current: 0.06, earlier: 0.2, turned: 0.3 },
};
type Thresholds = typeof THRESHOLDS.vectors;

const SENTENCES_PER_EXCHANGE = 3;
/** The longer a text, the longer its vector takes. */
const MAX_GIST = 300;

/**
 * Adds exchanges to the topics of a session. An exchange goes on with the topic before it, comes back to an earlier one, or begins
 * one; what was there stays as it was.
 */
export async function withExchanges(
  topics: readonly Topic[],
  exchanges: readonly Exchange[],
  { before, language }: { before: Exchange | undefined; language: string },
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Topic[]> {
  const grown = topics.map(({ name, sentences }) => ({
    name,
    sentences: [...sentences],
    said: [] as string[],
  }));
  const meanings = await meaningsOf(grown.map(textOf), language, embedder, signal);
  const told = await meaningsOf(
    exchanges.map((exchange) => gistOfExchange(exchange)),
    language,
    embedder,
    signal,
  );
  const [last] = before ? await meaningsOf([gistOfExchange(before)], language, embedder, signal) : [];
  const { current: near, earlier, turned } = THRESHOLDS.vectors;
  const own = (threshold: number) => thresholdWith(embedder, threshold);
  const vectors: Thresholds = { current: own(near), earlier: own(earlier), turned: own(turned) };
  const known: Meaning[][] = meanings.map((meaning) => [meaning]);
  let current = last ? nearest(last, known).index : undefined;
  for (const [index, exchange] of exchanges.entries()) {
    const meaning = told[index] as Meaning;
    const lines = linesOf(exchange);
    if (lines.length === 0) continue;
    const place = placeOf(exchange, meaning, known, current, {
      language,
      thresholds: meaning instanceof Set ? THRESHOLDS.words : vectors,
    });
    current = place ?? grown.length;
    if (place === undefined) {
      grown.push({ name: '', sentences: [], said: [] });
      known.push([]);
    }
    const topic = grown[current];
    topic?.said.push(gistOfExchange(exchange));
    topic?.sentences.push(...lines.filter((line) => !topic.sentences.includes(line)));
    known[current]?.push(meaning);
  }
  const texts = grown.map(({ said, sentences }) => [...said, ...sentences].join(' '));
  return grown.map(({ name, sentences, said }, index) => ({
    name:
      name ||
      nameOf(
        said.join(' '),
        texts.filter((_, other) => other !== index),
        language,
      ),
    sentences,
  }));
}

const textOf = ({ name, sentences }: Topic) =>
  `${name}. ${sentences.slice(0, 3).join(' ')}`.slice(0, MAX_GIST);

/** Which topic an exchange belongs to; undefined for a new one. */
function placeOf(
  exchange: Exchange,
  meaning: Meaning,
  known: readonly Meaning[][],
  current: number | undefined,
  { language, thresholds }: { language: string; thresholds: Thresholds },
): number | undefined {
  const { current: near, earlier, turned } = thresholds;
  const best = nearest(meaning, known);
  const words = wordsOf(language);
  const text = beginningOf(exchange);
  if (words.turning.test(text)) return best.nearness >= turned ? best.index : undefined;
  if (current === undefined) return best.nearness >= earlier ? best.index : undefined;
  const follows =
    words.backward.test(text) || words.confirmation.test(text) || contentOf(text, language).size <= 1;
  const toCurrent = Math.max(...(known[current] ?? []).map((other) => nearness(meaning, other)));
  if (follows || (toCurrent >= near && toCurrent >= best.nearness - 0.1)) return current;
  return best.nearness >= earlier ? best.index : undefined;
}

function nearest(
  meaning: Meaning,
  known: readonly Meaning[][],
): { index: number | undefined; nearness: number } {
  let best: { index: number | undefined; nearness: number } = { index: undefined, nearness: 0 };
  for (const [index, others] of known.entries()) {
    const near = Math.max(...others.map((other) => nearness(meaning, other)));
    if (near > best.nearness) best = { index, nearness: near };
  }
  return best;
}

/** The sentences of an exchange that tell most: what the user says first, then what came back. */
function linesOf({ asked, answered }: Exchange): string[] {
  const fromUser = asked.flatMap(reported);
  const answers = answered.filter(({ role }) => role === 'ASSISTANT').flatMap(reported);
  const chosen = [...fromUser.slice(0, SENTENCES_PER_EXCHANGE - 1), ...answers.slice(0, 1)];
  return chosen.length < SENTENCES_PER_EXCHANGE
    ? [...chosen, ...answers.slice(1, 1 + SENTENCES_PER_EXCHANGE - chosen.length)]
    : chosen;
}

const NAME_WORDS = 3;

/** The words that tell a text from the others, as they stand in it. */
export function nameOf(text: string, others: readonly string[], language: string): string {
  const words = wordsOf(language);
  const counts = new Map<string, { count: number; shown: string; first: number }>();
  for (const [first, token] of tokensOf(text, language).entries()) {
    const [stem] = contentOf(token, language);
    if (stem === undefined || !isTelling(token, words.dull)) continue;
    const known = counts.get(stem) ?? { count: 0, shown: token, first };
    counts.set(stem, { ...known, count: known.count + 1 });
  }
  const elsewhere = others.map((other) => contentOf(other, language));
  const weight = ([stem, { count, shown, first }]: [
    string,
    { count: number; shown: string; first: number },
  ]) =>
    (count + (/^\p{Lu}/u.test(shown) && first > 0 ? 0.5 : 0)) *
    Math.log(1 + (elsewhere.length + 1) / (1 + elsewhere.filter((other) => other.has(stem)).length)) *
    (1 + Math.min(shown.length, 10) / 20);
  return [...counts]
    .sort((a, b) => weight(b) - weight(a) || a[1].first - b[1].first)
    .slice(0, NAME_WORDS)
    .sort((a, b) => a[1].first - b[1].first)
    .map(([, { shown }]) => shown.replace(/'s$/, ''))
    .join(isWide(language) ? '・' : ' ')
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

const isTelling = (token: string, dull: ReadonlySet<string>) =>
  !/^[\d.:,]+$|['’](?!s$)/.test(token) &&
  !dull.has(token.toLowerCase()) &&
  token.length > (/\p{Script=Han}/u.test(token) ? 1 : 2);
