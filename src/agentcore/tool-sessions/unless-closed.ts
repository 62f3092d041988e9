export const isNotFound = (error: unknown) => (error as Error).name === 'ResourceNotFoundException';

const closed = ['AccessDeniedException', 'NotImplementedException'];

/**
 * What is found at a place; undefined where the caller may not look there, it has gone, or the backend has no such places. It
 * may be anybody's of the account.
 */
export async function unlessClosed<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isNotFound(error) || closed.includes((error as Error).name)) return undefined;
    throw error;
  }
}
