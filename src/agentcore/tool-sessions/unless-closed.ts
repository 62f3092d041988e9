export const isNotFound = (error: unknown) => (error as Error).name === 'ResourceNotFoundException';

/** What is found at a place; undefined where the caller may not look there, or it has gone. It may be anybody's of the account. */
export async function unlessClosed<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isNotFound(error) || (error as Error).name === 'AccessDeniedException') return undefined;
    throw error;
  }
}
