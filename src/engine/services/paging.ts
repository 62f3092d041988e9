import type { Scope } from '../service.ts';
import type { Documents, Page, PageTokens } from '../store/store.ts';
import { InvalidTokenError } from '../store/store.ts';
import { invalid } from './exceptions.ts';

/** How a listing is paged. */
export interface Paging {
  maxResults?: number | undefined;
  nextToken?: string | undefined;
}

const DEFAULT_PAGE = 100;

/** One page, newest first. @throws ValidationException for a token that this listing did not make. */
export function page<T>(
  documents: Documents<T>,
  scope: Scope,
  { maxResults = DEFAULT_PAGE, nextToken }: Paging,
  where?: (row: T) => boolean,
): Page<T> {
  return refusingTokens(() => documents.list(scope, { maxResults, nextToken, where }));
}

/** A listing of a table's rows in an order that has a position for each. */
export interface Listing<Row> {
  /** Names what is listed, for the token, e.g. `['memory-event', account, region, memoryId]`. */
  name: readonly string[];
  /** At most `limit` rows that come after this position; the first ones where there is none. */
  select(after: string | undefined, limit: number): Row[];
  position(row: Row): string;
  /** How much of a page it takes; nothing that counts unless told. */
  bytes?(row: Row): number;
}

/** A page ends early where it would become larger. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** One page of a table. @throws ValidationException for a token that this listing did not make. */
export function tablePage<Row>(
  tokens: PageTokens,
  { name, select, position, bytes = () => 0 }: Listing<Row>,
  { maxResults = DEFAULT_PAGE, nextToken }: Paging,
): Page<Row> {
  const after =
    nextToken === undefined ? undefined : refusingTokens(() => tokens.read(name, nextToken)).toString();
  const rows = select(after, maxResults + 1);
  const items = rows.slice(0, Math.min(maxResults, fitting(rows.map(bytes))));
  const last = items.at(-1);
  if (items.length === rows.length || last === undefined) return { items };
  return { items, nextToken: tokens.make(name, Buffer.from(position(last))) };
}

/** How many go on one page; one always does. */
function fitting(sizes: readonly number[]): number {
  let total = 0;
  const tooMuch = sizes.findIndex((size, index) => {
    total += size;
    return index > 0 && total > MAX_PAGE_BYTES;
  });
  return tooMuch < 0 ? sizes.length : tooMuch;
}

/** @throws ValidationException where a token is not of the listing that it is read for. */
export function refusingTokens<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidTokenError) throw invalid('nextToken', error.message);
    throw error;
  }
}
