import type { Scope } from '../service.ts';
import type { Documents, Page } from '../store/store.ts';
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
  try {
    return documents.list(scope, { maxResults, nextToken, where });
  } catch (error) {
    if (error instanceof InvalidTokenError) throw invalid('nextToken', error.message);
    throw error;
  }
}
