import type { Context } from '../context.ts';
import { defineCommand, noOptions, print } from './command.ts';

/** Rows as aligned columns; the last one is as long as it is. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

interface Argument {
  type?: string;
  enum?: readonly unknown[];
  items?: { type?: string };
  default?: unknown;
  description?: string;
}

/** The arguments of one tool, each with its type and what it is for. */
async function showTool(context: Context, name: string): Promise<void> {
  const { descriptorOf } = await import('../tools/descriptor.ts');
  const { description, inputSchema } = descriptorOf(context.offer.find(name), context.pins);
  print(`${name}: ${description}\n`);
  for (const [key, schema] of Object.entries(inputSchema.properties ?? {})) {
    const { type, enum: choices, items, default: byDefault, description: about } = schema as Argument;
    const kind = choices?.join('|') ?? (items ? `list of ${items.type}` : type);
    const presence = inputSchema.required?.includes(key) ? 'required' : 'optional';
    const unset = byDefault === undefined ? '' : `, default ${JSON.stringify(byDefault)}`;
    print(
      `  ${key} (${[kind, presence].filter(Boolean).join(', ')}${unset})${about ? `\n      ${about}` : ''}`,
    );
  }
}

export const command = defineCommand({
  options: noOptions,
  mostArgs: 1,

  async run({ config, args: [name] }) {
    const [{ createContext }, { toolCosts }] = await Promise.all([
      import('../server.ts'),
      import('./token-costs.ts'),
    ]);
    const context = createContext(config);
    if (name) {
      await showTool(context, name);
      return 0;
    }
    const { tools, total, exact } = await toolCosts(context);
    const about = exact ? '' : '~';
    const rows = tools.map(({ name, toolset, kind, tokens, summary }) => [
      name,
      toolset,
      kind,
      `${about}${tokens}`,
      summary,
    ]);
    print(columns([['TOOL', 'TOOLSET', 'KIND', 'TOKENS', ''], ...rows]));
    print(
      `\n${tools.length} tools, ${about}${total} tokens ${exact ? '(cl100k)' : '(estimated)'} for the whole list.`,
    );
    return 0;
  },
});
