const MAX_NAMES = 20;

/** Names as an answer lists them: so many, and how many more there are. */
export function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
