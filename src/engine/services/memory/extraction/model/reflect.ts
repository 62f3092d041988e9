import type { MemoryRecordSchema } from '@aws-sdk/client-bedrock-agentcore-control';
import { z } from 'zod';
import type { Near } from '../../records/records.ts';
import type { Decision, Lesson } from '../extractor.ts';
import { reflectionOf } from '../kinds.ts';
import { overrideOf } from '../strategy.ts';
import { element, elements } from '../xml.ts';
import { metadataMember, toMetadata } from './metadata.ts';
import { recordPrompt, reflection } from './prompts.ts';
import type { Questioner } from './questioner.ts';
import { fenced, inert } from './transcript.ts';

/** How much of an episode is shown: what comes first says most; in characters. */
const SHOWN = { new: 6_000, known: 1_500 };

const words = z.string().trim().max(4_000);

/** What a new episode teaches. */
export async function reflect(
  asker: Questioner,
  { strategy }: Lesson,
  newEpisode: string,
  { episodes, reflections }: { episodes: readonly string[]; reflections: readonly Near[] },
  signal: AbortSignal,
): Promise<Decision[]> {
  const override = overrideOf(strategy, 'reflection');
  const known = reflections.map(({ record }, index) => inert({ number: index + 1, text: record.text }));
  const learned = learnedBeside(reflections.length, reflectionOf(strategy)?.memoryRecordSchema);
  const answer = await asker.ask(
    {
      system: recordPrompt(reflection, override),
      prompt: [
        fenced('episodes', episodes.map((text) => inert(text.slice(0, SHOWN.known))).join('\n')),
        fenced('reflections', known.join('\n')),
        fenced('episode', inert(newEpisode.slice(0, SHOWN.new))),
      ].join('\n\n'),
      tool: 'give_reflections',
      answer: z.object({ reflections: z.array(learned) }),
      modelId: override.modelId,
    },
    signal,
  );
  return answer.reflections.map((one) => asDecision(one, reflections));
}

function learnedBeside(known: number, schema: MemoryRecordSchema | undefined) {
  return z
    .object({
      action: z.enum(['add', 'update']),
      record: z.number().nullish().describe('Of an update: the number of the earlier reflection.'),
      title: words.min(1),
      use_cases: words,
      hints: words.min(1),
      confidence: z.number().min(0).max(1),
      ...metadataMember(schema),
    })
    .refine(
      ({ action, record }) => action === 'add' || (Number.isInteger(record) && inRange(record, known)),
      {
        message: known ? `Numbers are 1 to ${known}.` : 'There are no earlier reflections to update.',
        path: ['record'],
      },
    );
}

function inRange(number: number | null | undefined, most: number): boolean {
  return number != null && number >= 1 && number <= most;
}

function asDecision(
  { action, record, metadata, ...said }: z.infer<ReturnType<typeof learnedBeside>>,
  known: readonly Near[],
): Decision {
  const text = element('reflection', elements(said));
  const updated = action === 'update' && record ? known[record - 1]?.record : undefined;
  if (!updated) return { kind: 'add', text, ...toMetadata(metadata) };
  return { kind: 'update', recordId: updated.id, text, ...toMetadata(metadata) };
}
