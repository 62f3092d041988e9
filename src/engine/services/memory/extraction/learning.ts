import type { Embedder } from '../../../models/embeddings/embedder.ts';
import type { MemoryKey, RecordRow, StrategyRow } from '../memory.ts';
import type { Records } from '../records/records.ts';
import { Draft, type Shelf } from './draft.ts';
import type { Candidate, Extractor, Lesson } from './extractor.ts';
import type { Job } from './job.ts';
import { reflectionOf } from './kinds.ts';
import { isOf, recordMetadata, schemaOf } from './metadata.ts';

/** What came of a job. */
export interface Outcome {
  /** Keeps it; in a transaction with that the job is done. */
  apply(): void;
  /** More has to come before there is something to keep. */
  open?: boolean;
}

/** Lets an extractor learn. Nothing is kept before the outcome is applied. */
export class Learning {
  readonly #parts: { records: Records; embedder: Embedder; extractor: Extractor };

  constructor(parts: { records: Records; embedder: Embedder; extractor: Extractor }) {
    this.#parts = parts;
  }

  /** Facts or preferences. Each candidate sees what came of those before it. */
  async facts(job: Job, lesson: Lesson, signal: AbortSignal): Promise<Outcome> {
    const { extractor } = this.#parts;
    const shelf = shelfOf(job, lesson.strategy);
    const draft = this.#draft(job.key, lesson);
    const candidates = await extractor.extract(lesson, signal);
    const texts = candidates.map(({ text }) => text);
    const kept = await draft.kept(shelf, texts, signal);
    for (const [index, candidate] of candidates.entries()) {
      const near = await draft.nearest(shelf, candidate.text, kept[index], signal);
      draft.decide(shelf, await extractor.consolidate(lesson, candidate, near, signal));
    }
    return draft;
  }

  /** The records of a session's summary, whose ids stay as far as there are as many. */
  async summary(job: Job, lesson: Lesson, signal: AbortSignal): Promise<Outcome> {
    const shelf = shelfOf(job, lesson.strategy);
    const draft = this.#draft(job.key, lesson);
    const previous = draft.all(shelf);
    const texts = previous.map(({ text }) => text);
    const chunks = await this.#parts.extractor.summarize(lesson, texts, signal);
    for (const { chunk, record } of matched(chunks, previous)) {
      if (!chunk) draft.remove(record.id);
      else if (!record) draft.decide(shelf, { kind: 'add', ...chunk });
      else if (record.text !== chunk.text)
        draft.decide(shelf, { kind: 'update', recordId: record.id, ...chunk });
    }
    return draft;
  }

  /** An episode, once it has ended, and what is to be learned from it. */
  async episode(
    job: Job,
    lesson: Lesson,
    { final }: { final: boolean },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { extractor } = this.#parts;
    const episode = await extractor.episode(lesson, { final }, signal);
    if (!episode) return { apply() {}, open: !final };
    const draft = this.#draft(job.key, lesson);
    const episodes = shelfOf(job, lesson.strategy);
    const reflections = reflectionShelf(job, lesson.strategy);
    const others = { ...episodes, namespace: reflections.namespace, below: true, isShared: true };
    const [like = []] = await draft.kept(others, [episode.text], signal);
    const [known = []] = await draft.kept(reflections, [episode.text], signal);
    draft.decide(episodes, { kind: 'add', ...episode });
    for (const decision of await extractor.reflect(
      lesson,
      episode.text,
      { episodes: like.map(({ record }) => record.text), reflections: known },
      signal,
    ))
      draft.decide(reflections, decision);
    return draft;
  }

  #draft(key: MemoryKey, { strategy, messages }: Lesson): Draft {
    const at = messages.at(-1)?.at ?? 0;
    return new Draft(this.#parts, { key, strategyId: strategy.strategyId, at });
  }
}

/** New texts beside the records they take the place of: first those that stay as they are, then the others in order. */
function matched(
  chunks: readonly Candidate[],
  previous: readonly RecordRow[],
): ({ chunk: Candidate; record?: RecordRow } | { chunk?: never; record: RecordRow })[] {
  const left = [...previous];
  const take = (fits: (record: RecordRow) => boolean) => {
    const place = left.findIndex(fits);
    return place < 0 ? undefined : left.splice(place, 1)[0];
  };
  const same = new Map(chunks.map((chunk) => [chunk, take(({ text }) => text === chunk.text)]));
  const pairs = chunks.map((chunk) => {
    const record = same.get(chunk) ?? take(() => true);
    return record ? { chunk, record } : { chunk };
  });
  return [...pairs, ...left.map((record) => ({ record }))];
}

function shelfOf({ namespace, partition }: Job, strategy: StrategyRow): Shelf {
  return {
    namespace,
    type: 'BASE',
    isShared: schemaOf(strategy).length > 0,
    mine: (record) => isOf(record, strategy, partition),
    metadata: (inferred) => recordMetadata(schemaOf(strategy), inferred, partition),
  };
}

/** Reflections have a namespace and a metadata schema of their own. */
function reflectionShelf({ reflections }: Job, strategy: StrategyRow): Shelf {
  const schema = schemaOf(reflectionOf(strategy) ?? {});
  return {
    namespace: reflections,
    type: 'REFLECTION',
    isShared: true,
    mine: () => true,
    metadata: (inferred) => recordMetadata(schema, inferred),
  };
}
