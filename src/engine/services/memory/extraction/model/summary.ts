import { z } from 'zod';
import type { Candidate, Lesson } from '../extractor.ts';
import { overrideOf } from '../strategy.ts';
import { escaped } from '../xml.ts';
import { metadataMember, toMetadata } from './metadata.ts';
import { conversationPrompt, summary } from './prompts.ts';
import type { Questioner } from './questioner.ts';
import { fenced, partsOf } from './transcript.ts';

/** A summary's records are at most so long, but for a single topic, so that each is found by its own meaning. In characters. */
const CHUNK = 2_000;
const MAX_TOPIC = 8_000;

const topic = z.object({
  name: z.string().trim().min(1).max(200),
  summary: z.string().trim().min(1).max(MAX_TOPIC),
});

/** The summary of a session, grown by what was said since. */
export async function summarize(
  asker: Questioner,
  lesson: Lesson,
  previous: readonly string[],
  signal: AbortSignal,
): Promise<Candidate[]> {
  const { strategy } = lesson;
  const override = overrideOf(strategy, 'consolidation');
  const question = {
    system: conversationPrompt(summary, override),
    tool: 'give_summary',
    answer: z.object({ topics: z.array(topic), ...metadataMember(strategy.memoryRecordSchema) }),
    modelId: override.modelId,
  };
  let chunks = [...previous];
  let metadata = {};
  for (const part of partsOf(lesson)) {
    const soFar = chunks.length ? [fenced('summary', chunks.join('\n'))] : [];
    const answer = await asker.ask({ ...question, prompt: [...soFar, part].join('\n\n') }, signal);
    chunks = chunked(answer.topics);
    metadata = toMetadata(answer.metadata);
  }
  return chunks.map((text) => ({ text, ...metadata }));
}

/** The records of a summary: as many topics in one as fit. */
export function chunked(topics: readonly z.infer<typeof topic>[]): string[] {
  const chunks: string[] = [];
  for (const { name, summary } of topics) {
    const text = `<topic name="${escaped(name)}">\n${escaped(summary)}\n</topic>`;
    const last = chunks.at(-1);
    if (last !== undefined && last.length + text.length < CHUNK)
      chunks[chunks.length - 1] = `${last}\n${text}`;
    else chunks.push(text);
  }
  return chunks;
}
