/** Texts in their order, in batches of at most so many, with at most so many characters unless one alone has more. */
export function* batches(
  texts: readonly string[],
  limit: { texts: number; characters: number },
): Iterable<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for (const text of texts) {
    const isFull = batch.length === limit.texts || characters + text.length > limit.characters;
    if (isFull && batch.length > 0) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(text);
    characters += text.length;
  }
  if (batch.length > 0) yield batch;
}
