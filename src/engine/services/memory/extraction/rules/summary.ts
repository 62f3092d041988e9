import type { Embedder } from '../../../../models/embeddings/embedder.ts';
import type { Candidate, Lesson } from '../extractor.ts';
import { chunked } from '../model/summary.ts';
import { plain } from '../xml.ts';
import { exchangesOf } from './exchanges.ts';
import { languageIn } from './language.ts';
import { centrality, type Meaning, meaningsOf } from './meanings.ts';
import { type Topic, withExchanges } from './topics.ts';
import { wordsOf } from './words/index.ts';

/** A summary has at most so many topics, of so many sentences, of so many characters. */
const MAX_TOPICS = 12;
const MAX_SENTENCES = 7;
const MAX_CHARACTERS = 1_100;

/** The summary of a session, grown by what was said since. What it says already stays, as far as there is room. */
export async function summarize(
  { messages, context }: Lesson,
  previous: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const known = previous.flatMap(topicsIn);
  const language = languageIn(
    messages
      .map(({ text }) => text)
      .join(' ')
      .slice(0, 4_000),
  );
  const topics = await withExchanges(
    known,
    exchangesOf(messages),
    { before: exchangesOf(context).at(-1), language },
    embedder,
    signal,
  );
  const shortened: Topic[] = [];
  for (const topic of bounded(topics)) {
    shortened.push(await shortenedTopic(topic, language, embedder, signal));
  }
  return chunked(shortened.map(({ name, sentences }) => ({ name, summary: sentences.join('\n') }))).map(
    (text) => ({ text }),
  );
}

/** Too many topics: the oldest ones become one, in which each has its first sentence. */
function bounded(topics: readonly Topic[]): Topic[] {
  const surplus = topics.length - MAX_TOPICS;
  if (surplus <= 0) return [...topics];
  const oldest = topics.slice(0, surplus + 1);
  const sentences = oldest.flatMap((topic, index) =>
    topic.sentences.slice(0, index === 0 ? MAX_SENTENCES : 2),
  );
  return [{ name: oldest[0]?.name ?? '', sentences }, ...topics.slice(surplus + 1)];
}

/** The first sentence says what a topic began with; of the others, those most like the rest stay. */
async function shortenedTopic(
  { name, sentences }: Topic,
  language: string,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Topic> {
  if (fits(sentences)) return { name, sentences };
  const meanings = await meaningsOf(sentences, language, embedder, signal);
  const ranked = sentences
    .map((sentence, index) => ({ sentence, index, score: scoreOf(sentence, index, meanings, language) }))
    .sort((a, b) => b.score - a.score || a.index - b.index);
  const kept: typeof ranked = [];
  for (const one of ranked) {
    if (fits([...kept, one].map(({ sentence }) => sentence))) kept.push(one);
  }
  return { name, sentences: kept.sort((a, b) => a.index - b.index).map(({ sentence }) => sentence) };
}

/** How much a sentence says of its topic: the first and the last two tell how it began and where it is. */
function scoreOf(sentence: string, index: number, meanings: readonly Meaning[], language: string): number {
  const place = index === 0 ? 1 : index >= meanings.length - 2 ? 0.3 : 0;
  const result = wordsOf(language).outcome.test(sentence) ? 0.4 : 0;
  const facts = /\d/.test(sentence) ? 0.1 : 0;
  const question = /[?？][”"]?$/.test(sentence) ? -0.2 : 0;
  return place + result + facts + question + centrality(meanings[index] as Meaning, meanings);
}

const fits = (sentences: readonly string[]) =>
  sentences.length <= MAX_SENTENCES && sentences.join('\n').length <= MAX_CHARACTERS;

/** The topics of a record of a summary. */
export function topicsIn(text: string): Topic[] {
  return Array.from(
    text.matchAll(/<topic name="([^"]*)">\s*([\s\S]*?)\s*<\/topic>/g),
    ([, name = '', summary = '']) => ({
      name: plain(name),
      sentences: summary.split('\n').map(plain).filter(Boolean),
    }),
  );
}
