const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in XML, also in an attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

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
