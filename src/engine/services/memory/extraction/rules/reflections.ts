import type { Embedder } from '../../../../models/embeddings/embedder.ts';
import type { Near } from '../../records/records.ts';
import type { Decision } from '../extractor.ts';
import { element, elements, plain } from '../xml.ts';
import { FAILED, WORKED } from './episodes.ts';
import { languageIn } from './language.ts';
import { meaningsOf, nearness, thresholdWith } from './meanings.ts';
import { normalized } from './relation.ts';
import { nameOf } from './topics.ts';

/** How near the beginnings of two episodes have to be, for vectors and for words. */
const ALIKE = { vectors: 0.5, words: 0.3 };
const MAX_USE_CASES = 6;
const MAX_HINTS = 8;

/** What several like episodes teach: what they were about, what worked and what did not. Nothing before there are two. */
export async function reflect(
  episode: string,
  { episodes, reflections }: { episodes: readonly string[]; reflections: readonly Near[] },
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Decision[]> {
  const alike = [...(await likeOnes(episode, episodes, embedder, signal)), episode];
  if (alike.length < 2) return [];
  const useCases = distinct(alike.map((text) => part(text, 'intent')));
  const known = reflections.find(({ record }) =>
    linesOf(record.text, 'use_cases').some((line) => useCases.includes(line)),
  );
  const earlier = known?.record.text ?? '';
  const hints = distinct([
    ...linesOf(earlier, 'hints'),
    ...alike.flatMap((text) => linesOf(text, 'reflection').filter(isHint)),
  ]);
  if (hints.length === 0) return [];
  const cases = distinct([...linesOf(earlier, 'use_cases'), ...useCases]);
  const language = languageIn(useCases.join(' '));
  const text = element(
    'reflection',
    elements({
      title: part(earlier, 'title') || nameOf(useCases.join(' '), [], language),
      use_cases: cases.slice(-MAX_USE_CASES).join('\n'),
      hints: hints.slice(-MAX_HINTS).join('\n'),
      confidence: confidenceOf(Math.max(cases.length, alike.length)),
    }),
  );
  return [known ? { kind: 'update', recordId: known.record.id, text } : { kind: 'add', text }];
}

async function likeOnes(
  episode: string,
  episodes: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<string[]> {
  const others = episodes.filter((other) => other !== episode);
  const beginnings = [episode, ...others].map((text) => `${part(text, 'situation')} ${part(text, 'intent')}`);
  const [own, ...meanings] = await meaningsOf(beginnings, languageIn(beginnings[0] ?? ''), embedder, signal);
  const least = own instanceof Float32Array ? thresholdWith(embedder, ALIKE.vectors) : ALIKE.words;
  return others.filter((_, index) => own && meanings[index] && nearness(own, meanings[index]) >= least);
}

/** Grows with the number of episodes: 0.5 of two, 0.6 of three, never 1. */
const confidenceOf = (count: number) => Math.round((count / (count + 2)) * 100) / 100;

const isHint = (line: string) => line.startsWith(WORKED) || line.startsWith(FAILED);

/** The text of the first element of a name. */
const part = (text: string, name: string) =>
  plain(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(text)?.[1] ?? '');
const linesOf = (text: string, name: string) => part(text, name).split('\n').filter(Boolean);

/** The later of those that say the same. */
function distinct(lines: readonly string[]): string[] {
  return [...new Map(lines.filter(Boolean).map((line) => [normalized(line), line])).values()];
}
