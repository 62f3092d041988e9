const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in XML, also in an attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

const characters = Object.fromEntries(
  Object.entries(entities).map(([character, entity]) => [entity, character]),
);

/** What text in XML says. */
export const plain = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => characters[entity] ?? entity).trim();

/** One element a line, of those that have a text. */
export function elements(texts: Readonly<Record<string, string | number>>): string {
  return Object.entries(texts)
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `<${name}>${escaped(String(text))}</${name}>`)
    .join('\n');
}

export function element(name: string, inner: string): string {
  return `<${name}>\n${inner}\n</${name}>`;
}
