import { z } from 'zod';
import { lastTurns, sessionsOf } from '../agentcore/memory/events.ts';
import { findMemory, type Memory } from '../agentcore/memory/memories.ts';
import { actorId, memorySessionId } from '../agentcore/memory/names.ts';
import { type Place, placesOf } from '../agentcore/memory/namespaces.ts';
import { readableRecord } from '../agentcore/memory/readable.ts';
import { type Found, newestRecords, searchRecords } from '../agentcore/memory/records.ts';
import { whatThereIs } from '../agentcore/memory/what-there-is.ts';
import { ToolFailure } from '../failure.ts';
import { memoryKind } from './create-memory.ts';
import { defineTool, foreign, type ToolCall } from './define.ts';

/** Stands for all actors; no id is like it. */
const ALL = '*';

const input = z.strictObject({
  query: z.string().min(1).max(10_000).optional(),
  actor: z.string().min(1).default('user').describe('*: all'),
  session: z.string().min(1).optional(),
  kind: memoryKind.optional(),
  limit: z.int().min(1).max(100).default(10),
  recent_turns: z.int().min(0).max(1000).optional().describe('Last messages, blobs'),
  memory: z.string().min(1).optional(),
  namespace: z.string().min(1).optional(),
});

type Arguments = z.output<typeof input>;

const remembered = z.object({
  text: z.string(),
  kind: z.string().optional(),
  when: z.string().optional(),
  score: z.number().optional(),
  actor: z.string().optional(),
  session: z.string().optional(),
  id: z.string(),
});

const turn = z.object({ role: z.string(), text: z.string(), when: z.string().optional() });

export const retrieveMemory = defineTool({
  name: 'retrieve_memory',
  title: 'Retrieve memory',
  toolset: 'memory',
  kind: 'read',
  description: 'Recall what was remembered, by meaning; without query the newest.',
  cutCure: 'use a smaller limit, or kind',
  input,
  output: z.object({
    found: foreign(z.array(remembered).optional()),
    turns: foreign(z.array(turn).optional()),
    note: z.string().optional(),
  }),
  async handle(args, call) {
    const { agentcore, pins } = call.context;
    const memory = await findMemory(agentcore, args.memory, { pins, signal: call.signal });
    const whose = {
      actor: args.actor === ALL ? undefined : actorId(args.actor),
      session: args.session === undefined ? undefined : memorySessionId(args.session),
    };
    const [records, talk] = await Promise.all([
      recordsFor(args, memory, whose, call),
      turnsFor(args, memory, whose, call),
    ]);
    const missed = { ...whose, kind: args.kind, namespace: args.namespace };
    const notes = [
      ...(records?.notes ?? []),
      talk?.note,
      records?.found.length === 0 && 'Nothing was found.',
      talk?.turns.length === 0 && 'There are no turns.',
      ...(records?.found.length === 0 || talk?.turns.length === 0
        ? await whatThereIs(agentcore, memory, missed, call.signal)
        : []),
    ];
    return {
      data: {
        found: records?.found.map(shown),
        turns: talk?.turns.map(({ when, ...said }) => ({ ...said, when: minute(when) })),
        note: notes.filter(Boolean).join(' ') || undefined,
      },
      region: memory.region,
    };
  },
});

interface Whose {
  actor: string | undefined;
  session: string | undefined;
}

/** Long-term memories, unless only turns are wanted. */
async function recordsFor(args: Arguments, memory: Memory, whose: Whose, { context, signal }: ToolCall) {
  const { query, namespace, kind, limit, recent_turns } = args;
  if (query === undefined && recent_turns) return undefined;
  const places =
    namespace === undefined ? placesOf(memory.details.strategies ?? [], whose, kind) : [below(namespace)];
  return query === undefined
    ? newestRecords(context.agentcore, memory, { places, limit, signal })
    : searchRecords(context.agentcore, memory, { query, places, limit, signal });
}

const below = (path: string): Place => ({ where: { namespacePath: path }, pattern: /^/ });

/** The last messages of the session, or of the newest one. */
async function turnsFor(args: Arguments, memory: Memory, whose: Whose, { context, signal }: ToolCall) {
  const { recent_turns: count } = args;
  const { agentcore } = context;
  if (!count) return undefined;
  const { actor } = whose;
  if (actor === undefined)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: 'retrieve_memory: recent_turns are of one actor, not of all.',
      hint: 'Name the actor, or leave recent_turns out.',
    });
  const session = whose.session ?? (await sessionsOf(agentcore, memory, { actor, signal }))[0];
  if (session === undefined) return { turns: [] };
  const turns = await lastTurns(agentcore, memory, { actor, session, count, signal });
  return { turns, note: whose.session ? undefined : `The turns are of the newest session, ${session}.` };
}

const shown = ({ text, kind, when, score, actor, session, id }: Found) => ({
  text: readableRecord(text),
  kind,
  when: minute(when),
  score: score === undefined ? undefined : Math.round(score * 100) / 100,
  actor,
  session,
  id,
});

/** E.g. `2026-01-31T12:05Z`. */
const minute = (at: Date | undefined) => at?.toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
