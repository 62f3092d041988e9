import type { Embedder } from '../../../../models/embeddings/embedder.ts';
import type { Candidate, Lesson, Message } from '../extractor.ts';
import { MAX_TEXT } from '../forms.ts';
import { element, elements } from '../xml.ts';
import { beginningOf, type Exchange, exchangesOf, gistOfExchange, reported, spoken } from './exchanges.ts';
import { contentOf } from './gist.ts';
import { languageIn } from './language.ts';
import { type Meaning, meaningsOf, nearness, thresholdWith } from './meanings.ts';
import { sentencesOf } from './sentences.ts';
import { wordsOf } from './words/index.ts';
import type { Words } from './words/words.ts';

/** How an attempt came out, as far as anybody said. */
export type Outcome = 'yes' | 'no' | 'unclear';

/** Exchanges that are less near than this to all of the last few are about something else. */
const STRANGE = 0.2;
const LOOKED_BACK = 3;

/**
 * The record of the episodes that have ended with the new messages: the user says that it went well, gives up, or goes over to
 * something else. Begun in the context where it began there.
 */
export async function episodeOf(
  { messages, context }: Lesson,
  { final }: { final: boolean },
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const exchanges = exchangesOf([...context, ...messages]);
  const isNew = ({ asked, answered }: Exchange) =>
    [...asked, ...answered].some((one) => messages.includes(one));
  const breaks = await breaksIn(exchanges, embedder, signal);
  const firstNew = exchanges.findIndex(isNew);
  if (firstNew < 0) return undefined;
  const ends = breaks.filter(
    (end) => end >= firstNew && (end > firstNew || exchanges.slice(0, end).some(isNew)),
  );
  const from = breaks.findLast((end) => !ends.includes(end)) ?? 0;
  const to = final ? exchanges.length : ends.at(-1);
  const episode = to === undefined ? [] : exchanges.slice(from, to);
  return episode.some(isComplete) ? { text: episodeText(episode) } : undefined;
}

const isComplete = ({ asked, answered }: Exchange) => asked.length > 0 && answered.length > 0;

/** Behind how many exchanges an episode ends, each time. */
async function breaksIn(
  exchanges: readonly Exchange[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<number[]> {
  const language = languageIn(
    exchanges
      .map((exchange) => gistOfExchange(exchange))
      .join(' ')
      .slice(0, 4_000),
  );
  const meanings = await meaningsOf(
    exchanges.map((exchange) => gistOfExchange(exchange)),
    language,
    embedder,
    signal,
  );
  const strange = thresholdWith(embedder, STRANGE);
  const breaks: number[] = [];
  for (const [index, exchange] of exchanges.entries()) {
    const from = breaks.at(-1) ?? 0;
    const before = meanings.slice(Math.max(from, index - LOOKED_BACK), index);
    if (before.length > 0 && turnsAway(exchange, before, { meaning: meanings[index], strange }))
      breaks.push(index);
    else if (before.length > 0 && closes(exchange)) breaks.push(index + 1);
  }
  return breaks;
}

/** Whether the user's last words end what was tried before. */
function closes({ asked }: Exchange): boolean {
  const { outcome, open } = saidOf(asked);
  return !open && (outcome === 'yes' || isGivenUp(asked));
}

function turnsAway(
  exchange: Exchange,
  before: readonly Meaning[],
  { meaning, strange }: { meaning: Meaning | undefined; strange: number },
): boolean {
  const text = beginningOf(exchange);
  const language = languageIn(text);
  if (wordsOf(language).turning.test(text)) return true;
  const speaks = contentOf(text, language).size >= 4 && !wordsOf(language).backward.test(text);
  return (
    meaning instanceof Float32Array &&
    speaks &&
    Math.max(...before.map((one) => nearness(one, meaning))) < strange
  );
}

const isGivenUp = (asked: readonly Message[]) => says(asked, 'abandoned');

/** Whether a sentence of the user's is of a kind. */
const says = (asked: readonly Message[], kind: 'abandoned' | 'failure') =>
  asked.flatMap(spoken).some((sentence) => wordsOf(languageIn(sentence))[kind].test(sentence));

/** What the user says of what was tried, the sentence that says so, and whether there is something more to do. */
function saidOf(asked: readonly Message[]): { outcome: Outcome; sentence: string; open: boolean } {
  let found = { outcome: 'unclear' as Outcome, sentence: '' };
  let open = false;
  for (const { text } of asked) {
    const language = languageIn(text);
    const words = wordsOf(language);
    for (const sentence of sentencesOf(text, language)) {
      const outcome = outcomeOf(sentence.text, words);
      if (outcome !== 'unclear' && (found.outcome === 'unclear' || outcome === 'no'))
        found = { outcome, sentence: sentence.text };
      open ||= sentence.asks || (outcome === 'unclear' && words.request.test(sentence.text));
    }
  }
  return { ...found, open };
}

function outcomeOf(sentence: string, words: Words): Outcome {
  if (words.abandoned.test(sentence) || words.failure.test(sentence)) return 'no';
  return words.success.test(sentence) ? 'yes' : 'unclear';
}

const MAX_LINES = 2;
const first = (lines: readonly string[], count = MAX_LINES) => lines.slice(0, count).join(' ');

function episodeText(exchanges: readonly Exchange[]): string {
  const outcomes = exchanges.map(({ asked }) => saidOf(asked));
  const verdict = outcomes.findLast(({ outcome }) => outcome !== 'unclear');
  const assessment = verdict?.outcome ?? 'unclear';
  const started = exchanges.find(({ asked }) => asked.length > 0)?.asked ?? [];
  const whole = elements({
    situation: first(started.flatMap(reported)),
    intent: intentOf(exchanges.flatMap(({ asked }) => asked)),
    assessment,
    justification: verdict ? `“${verdict.sentence}”` : 'Nobody said how it came out.',
    reflection: lessonsOf(exchanges).join('\n'),
  });
  const turns = exchanges.flatMap(({ asked, answered }, index) =>
    answered.length === 0
      ? []
      : element(
          'turn',
          elements({
            situation: first(asked.flatMap(reported)),
            intent: intentOf(asked),
            action: first(answered.flatMap(spoken)),
            assessment: outcomes[index + 1]?.outcome ?? 'unclear',
          }),
        ),
  );
  const textOf = () => element('episode', [whole, element('turns', turns.join('\n'))].join('\n'));
  while (turns.length > 1 && textOf().length > MAX_TEXT) turns.shift();
  return textOf();
}

/** What the user asks for: the first request or question, and what stands before one that says little; otherwise what is said first. */
function intentOf(asked: readonly Message[]): string {
  const sentences = asked.flatMap(spoken);
  const at = sentences.findIndex((sentence) => {
    const { request, question } = wordsOf(languageIn(sentence));
    return /[?？]/.test(sentence) || request.test(sentence) || question.test(sentence);
  });
  const found = sentences[Math.max(at, 0)] ?? '';
  const isBrief = at > 0 && contentOf(found, languageIn(found)).size < 3;
  return (isBrief ? `${sentences[at - 1]} ${found}` : found).slice(0, 400);
}

export const WORKED = 'Worked: ';
export const FAILED = 'Did not work: ';

/** What was done before the user said that it went well, or did not. */
function lessonsOf(exchanges: readonly Exchange[]): string[] {
  return exchanges.flatMap(({ answered }, index) => {
    const next = exchanges[index + 1];
    const outcome = next ? saidOf(next.asked).outcome : 'unclear';
    const done = first(answered.filter(({ role }) => role !== 'TOOL').flatMap(spoken));
    if (
      done === '' ||
      outcome === 'unclear' ||
      (next && isGivenUp(next.asked) && !says(next.asked, 'failure'))
    )
      return [];
    return [`${outcome === 'yes' ? WORKED : FAILED}${done}`];
  });
}
