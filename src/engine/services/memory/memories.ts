import type { Clock } from '../../clock.ts';
import type { Scope } from '../../service.ts';
import type { Documents, Page, Store } from '../../store/store.ts';
import { invalid, notFound, quotaExceeded } from '../exceptions.ts';
import { type Paging, page } from '../paging.ts';
import { DEFAULT_MEMORY_ID, DEFAULT_MEMORY_NAME, defaultMemory } from './default-memory.ts';
import type { MemoryKey, MemoryRow } from './memory.ts';
import { keyOf, memoryIdOf } from './names.ts';

/** Above what anybody has on one machine. */
const MAX_MEMORIES = 1_000;

/** The memories of accounts. */
export class Memories {
  readonly #rows: Documents<MemoryRow>;
  readonly #clock: Clock;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.#rows = store.documents('memory');
    this.#clock = clock;
  }

  /** By id or ARN. @throws ResourceNotFoundException */
  require(scope: Scope, memoryIdOrArn: string): MemoryRow {
    const row = this.find(scope, memoryIdOrArn);
    if (row) return row;
    throw notFound(`Memory not found: ${memoryIdOrArn}`);
  }

  /** By id or ARN. */
  find(scope: Scope, memoryIdOrArn: string): MemoryRow | undefined {
    const id = memoryIdOf(scope, memoryIdOrArn);
    if (id === undefined) return undefined;
    return this.#rows.get(scope, id) ?? (id === DEFAULT_MEMORY_ID ? this.#begin(scope) : undefined);
  }

  /** @throws ResourceNotFoundException */
  key(scope: Scope, memoryIdOrArn: string): MemoryKey {
    return keyOf(scope, this.require(scope, memoryIdOrArn));
  }

  put(scope: Scope, row: MemoryRow): void {
    this.#rows.put(scope, row.id, row);
  }

  remove({ scope, memoryId }: MemoryKey): void {
    this.#rows.delete(scope, memoryId);
  }

  /**
   * @throws ValidationException, by whose words AgentCore's Python SDK finds out that it is there; ServiceQuotaExceededException.
   */
  refuseTaken(scope: Scope, name: string): void {
    const all = this.#rows.list(scope, { maxResults: MAX_MEMORIES }).items;
    const taken = all.find((row) => row.name === name);
    if (taken || name === DEFAULT_MEMORY_NAME)
      throw invalid(
        'name',
        `Memory with name ${name} already exists: ${taken?.id ?? DEFAULT_MEMORY_ID}. Use that one, delete it, or choose another name.`,
        'ResourceConflict',
      );
    if (all.length >= MAX_MEMORIES)
      throw quotaExceeded(`There are ${MAX_MEMORIES} memories, as many as an account may have. Delete some.`);
  }

  /** The default one first, then the others, newest first. @throws ValidationException for a foreign token. */
  list(scope: Scope, { maxResults, nextToken }: Paging & { maxResults: number }): Page<MemoryRow> {
    const first = nextToken === undefined ? [this.require(scope, DEFAULT_MEMORY_ID)] : [];
    const others = page(
      this.#rows,
      scope,
      { maxResults: maxResults - first.length, nextToken },
      ({ id }) => id !== DEFAULT_MEMORY_ID,
    );
    return { ...others, items: [...first, ...others.items] };
  }

  #begin(scope: Scope): MemoryRow {
    const row = defaultMemory(this.#clock.now());
    this.put(scope, row);
    return row;
  }
}
