const characters: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};

/** What text in XML says. */
export const plain = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => characters[entity] ?? entity).trim();
