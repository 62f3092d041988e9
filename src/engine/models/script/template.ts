/** The values of placeholders, by name. */
export type Variables = Readonly<Record<string, string>>;

/** Known to every rule. */
const always = ['prompt', 'result', 'model'];

const placeholder = /\{\{\s*(\w+)\s*\}\}/g;

/** Every string inside a value with its placeholders filled in. One without a value becomes nothing. */
export function fill<Value>(value: Value, variables: Variables): Value {
  return mapStrings(value, (text) =>
    text.replace(placeholder, (_, name: string) => variables[name] ?? ''),
  ) as Value;
}

/** The names of all placeholders inside a value. */
export function placeholders(value: unknown): string[] {
  const names: string[] = [];
  mapStrings(value, (text) => {
    for (const [, name = ''] of text.matchAll(placeholder)) names.push(name);
    return text;
  });
  return names;
}

/** The regular expression that a condition `/like this/i` is; undefined for plain text. @throws SyntaxError */
export function expressionOf(condition: string): RegExp | undefined {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(condition) ?? [];
  return source === undefined ? undefined : new RegExp(source, flags?.replace(/[gy]/g, ''));
}

/** The names that a rule with this condition on the prompt may use; undefined where it is no regular expression. */
export function variablesOf(condition = ''): string[] | undefined {
  try {
    const expression = expressionOf(condition);
    if (!expression) return always;
    // An empty alternative always matches, and tells the groups.
    const match = new RegExp(`${expression.source}|`, expression.flags).exec('');
    const numbers = match?.map((_, index) => String(index)) ?? [];
    return [...always, ...numbers, ...Object.keys(match?.groups ?? {})];
  } catch {
    return undefined;
  }
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapStrings(member, map)]));
}
