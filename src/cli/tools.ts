import { defineCommand, noOptions, print } from './command.ts';

/** Rows as aligned columns; the last one is as long as it is. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

export const command = defineCommand({
  options: noOptions,

  async run({ config }) {
    const [{ createContext }, { toolCosts }] = await Promise.all([
      import('../server.ts'),
      import('./token-costs.ts'),
    ]);
    const { tools, total, exact } = await toolCosts(createContext(config));
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
