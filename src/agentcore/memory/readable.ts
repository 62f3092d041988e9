/** The text of a record as a model reads it best: without the JSON of preferences and the XML of summaries and episodes. */
export function readableRecord(text: string): string {
  return preference(text) ?? outline(text) ?? text;
}

function preference(text: string): string | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const { preference: what, categories } = JSON.parse(text);
    if (typeof what !== 'string') return undefined;
    return Array.isArray(categories) && categories.length > 0 ? `${what} [${categories.join(', ')}]` : what;
  } catch {
    return undefined;
  }
}

/** `<topic name="Food">Likes tea.</topic>` as `Food: Likes tea.`, `<intent>…</intent>` as `intent: …`; each on its line. */
function outline(text: string): string | undefined {
  if (!/^\s*<(\w+)[^>]*>.*<\/\w+>\s*$/s.test(text)) return undefined;
  return text
    .replace(/<(\w+)([^>]*)>\s*/g, (_tag, tag: string, attributes: string) => {
      const name = /\bname\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(attributes);
      return `\n${name?.[1] ?? name?.[2] ?? tag}: `;
    })
    .replace(/\s*<\/\w+>/g, '\n')
    .replace(/&(lt|gt|amp|quot|apos|#39);/g, (_entity, name: string) => entities[name] ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:topic|summary|summaries|episode|reflection|turns?):$/.test(line))
    .join('\n');
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  '#39': "'",
};
