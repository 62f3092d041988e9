import { z } from 'zod';
import type { Candidate, Lesson } from '../extractor.ts';
import { type Form, factForm, MAX_TEXT, preferenceForm } from '../forms.ts';
import { kindOf, overrideOf } from '../strategy.ts';
import { metadataMember, toMetadata } from './metadata.ts';
import { conversationPrompt, extractionPrompts } from './prompts.ts';
import type { Questioner } from './questioner.ts';
import { partsOf } from './transcript.ts';

/** So many records of one part of a conversation; more are no salient ones. */
const MAX_ITEMS = 50;

/** The facts, or the preferences, that the new messages tell. */
export function extract(asker: Questioner, lesson: Lesson, signal: AbortSignal): Promise<Candidate[]> {
  return kindOf(lesson.strategy) === 'USER_PREFERENCE'
    ? extractAs(preferenceForm, extractionPrompts.preferences, asker, lesson, signal)
    : extractAs(factForm, extractionPrompts.facts, asker, lesson, signal);
}

async function extractAs<Item>(
  form: Form<Item>,
  task: string,
  asker: Questioner,
  lesson: Lesson,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const { strategy } = lesson;
  const override = overrideOf(strategy, 'extraction');
  const item = z.object({ item: form.item, ...metadataMember(strategy.memoryRecordSchema) });
  const question = {
    system: conversationPrompt(task, override),
    tool: form.tools.extraction,
    answer: z.object({ items: z.array(item) }),
    modelId: override.modelId,
  };
  const found = new Map<string, Candidate>();
  for (const prompt of partsOf(lesson)) {
    const { items } = await asker.ask({ ...question, prompt }, signal);
    for (const { item, metadata } of items.slice(0, MAX_ITEMS)) {
      const text = form.text(item).slice(0, MAX_TEXT);
      found.set(text, { text, ...toMetadata(metadata) });
    }
  }
  return [...found.values()];
}
