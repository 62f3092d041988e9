/** The largest page there is. */
const PAGE = 100;

/** All that a listing has, read page by page. */
export async function everyPage<Item>(
  read: (page: { maxResults: number; nextToken: string | undefined }) => Promise<{
    items: readonly Item[];
    nextToken?: string | undefined;
  }>,
): Promise<Item[]> {
  const found: Item[] = [];
  let nextToken: string | undefined;
  do {
    const page = await read({ maxResults: PAGE, nextToken });
    found.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}
