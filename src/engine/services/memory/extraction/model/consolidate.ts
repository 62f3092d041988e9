import { z } from 'zod';
import type { Near } from '../../records/records.ts';
import type { Candidate, Decision, Lesson } from '../extractor.ts';
import { type Form, factForm, MAX_TEXT, preferenceForm } from '../forms.ts';
import { kindOf, overrideOf } from '../strategy.ts';
import { consolidationPrompts, recordPrompt } from './prompts.ts';
import type { Questioner } from './questioner.ts';
import { fenced, inert } from './transcript.ts';

/** Longer records are no facts or preferences, and would leave no room; in characters. */
const MAX_KNOWN = 2_000;

/** What to do with a candidate. The model is asked only where something near is known, and it is not the same. */
export async function consolidate(
  asker: Questioner,
  lesson: Lesson,
  candidate: Candidate,
  nearest: readonly Near[],
  signal: AbortSignal,
): Promise<Decision> {
  const near = nearest.filter(({ record }) => record.text.length <= MAX_KNOWN);
  if (near.length === 0) return { kind: 'add', ...candidate };
  if (near.some(({ record }) => record.text === candidate.text)) return { kind: 'skip' };
  return kindOf(lesson.strategy) === 'USER_PREFERENCE'
    ? decideAs(preferenceForm, consolidationPrompts.preferences, asker, lesson, candidate, near, signal)
    : decideAs(factForm, consolidationPrompts.facts, asker, lesson, candidate, near, signal);
}

async function decideAs<Item>(
  form: Form<Item>,
  task: string,
  asker: Questioner,
  { strategy }: Lesson,
  candidate: Candidate,
  near: readonly Near[],
  signal: AbortSignal,
): Promise<Decision> {
  const override = overrideOf(strategy, 'consolidation');
  const known = near.map(({ record }, index) => inert({ number: index + 1, text: record.text })).join('\n');
  const decision = await asker.ask(
    {
      system: recordPrompt(task, override),
      prompt: [fenced('known', known), fenced('new', inert({ text: candidate.text }))].join('\n\n'),
      tool: form.tools.consolidation,
      answer: answerAbout(form.item, near.length),
      modelId: override.modelId,
    },
    signal,
  );
  return asDecision(decision, form, candidate, near);
}

/** Flat, as models keep to that best; what belongs together is checked, and so that a number is one they were shown. */
function answerAbout<Item>(item: z.ZodType<Item>, count: number) {
  const isKnown = (number: number) => Number.isInteger(number) && number >= 1 && number <= count;
  const known = `Numbers are 1 to ${count}, as shown in <known>.`;
  return z
    .object({
      action: z.enum(['add', 'update', 'skip']),
      record: z.number().nullish().describe('Of an update: the number of the known one.'),
      item: item.nullish().describe('Of an update: all that is true now.'),
      outdated: z.array(z.number()).nullish().describe('Numbers of known ones that are no longer true.'),
    })
    .refine(({ outdated }) => (outdated ?? []).every(isKnown), { message: known, path: ['outdated'] })
    .refine(({ action, record }) => action !== 'update' || isKnown(record ?? 0), {
      message: known,
      path: ['record'],
    })
    .refine(({ action, item }) => action !== 'update' || item, {
      message: 'An update needs its text.',
      path: ['item'],
    });
}

function asDecision<Item>(
  { action, record: number, item, outdated }: z.infer<ReturnType<typeof answerAbout<Item>>>,
  form: Form<Item>,
  candidate: Candidate,
  near: readonly Near[],
): Decision {
  const updated = action === 'update' && number && item ? near[number - 1]?.record : undefined;
  const ids = new Set((outdated ?? []).flatMap((number) => near[number - 1]?.record.id ?? []));
  if (updated) ids.delete(updated.id);
  const supersedes = ids.size ? { supersedes: [...ids] } : {};
  if (action === 'skip') return { kind: 'skip' };
  if (!updated || !item) return { kind: 'add', ...candidate, ...supersedes };
  return {
    kind: 'update',
    recordId: updated.id,
    text: form.text(item).slice(0, MAX_TEXT),
    metadata: { ...updated.metadata, ...candidate.metadata },
    ...supersedes,
  };
}
