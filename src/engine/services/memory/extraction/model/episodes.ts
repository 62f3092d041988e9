import { z } from 'zod';
import type { Candidate, Lesson } from '../extractor.ts';
import { MAX_TEXT } from '../forms.ts';
import { overrideOf } from '../strategy.ts';
import { element, elements } from '../xml.ts';
import { metadataMember, toMetadata } from './metadata.ts';
import { conversationPrompt, episode, recordPrompt, wholeEpisode } from './prompts.ts';
import type { Questioner } from './questioner.ts';
import { fenced, inert, partsOf } from './transcript.ts';

const words = z.string().trim().max(2_000);

const turn = z.object({ situation: words, intent: words, action: words, thought: words, assessment: words });
type Turn = z.infer<typeof turn>;

/** The record of the episode that the new messages end, of which its turns are found first. */
export async function recordEpisode(
  asker: Questioner,
  lesson: Lesson,
  { final }: { final: boolean },
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { turns, complete } = await turnsOf(asker, lesson, signal);
  if (turns.length === 0 || !(complete || final)) return undefined;
  const { strategy } = lesson;
  const override = overrideOf(strategy, 'consolidation');
  const { metadata, ...whole } = await asker.ask(
    {
      system: recordPrompt(wholeEpisode, override),
      prompt: fenced('turns', turns.map(inert).join('\n')),
      tool: 'give_episode',
      answer: z.object({
        situation: words,
        intent: words,
        assessment: words,
        justification: words,
        reflection: words,
        ...metadataMember(strategy.memoryRecordSchema),
      }),
      modelId: override.modelId,
    },
    signal,
  );
  return { text: episodeText(elements(whole), turns), ...toMetadata(metadata) };
}

async function turnsOf(asker: Questioner, lesson: Lesson, signal: AbortSignal) {
  const override = overrideOf(lesson.strategy, 'extraction');
  const question = {
    system: conversationPrompt(episode, override),
    tool: 'give_turns',
    answer: z.object({ complete: z.boolean(), turns: z.array(turn) }),
    modelId: override.modelId,
  };
  const turns: Turn[] = [];
  let complete = false;
  for (const prompt of partsOf(lesson)) {
    const part = await asker.ask({ ...question, prompt }, signal);
    turns.push(...part.turns);
    complete = part.complete;
  }
  return { turns, complete };
}

/** With as many of the last turns as there is room for. */
function episodeText(whole: string, turns: readonly Turn[]): string {
  const texts = turns.map((turn) => element('turn', elements(turn)));
  const textOf = () => element('episode', [whole, element('turns', texts.join('\n'))].join('\n'));
  while (texts.length && textOf().length > MAX_TEXT) texts.shift();
  return textOf();
}
