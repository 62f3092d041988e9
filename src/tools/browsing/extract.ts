import type { Locator } from 'playwright-core';

/** What extraction needs of the elements of a page. */
interface PageElement {
  innerText: string;
  href: string;
  rows: Iterable<{ cells: Iterable<PageElement & { colSpan: number }> }>;
  caption: PageElement | null;
  closest(selector: string): unknown;
}

/** What is written in the elements, as a person would copy it, without empty lines in a row. */
export async function textsOf(roots: readonly Locator[]): Promise<string> {
  const texts = await Promise.all(roots.map((root) => root.innerText().catch(() => '')));
  const text = texts.map((one) =>
    one
      .replaceAll(/[ \t]+\n/g, '\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim(),
  );
  return text.filter(Boolean).join('\n\n') || 'There is no text.';
}

/** The links in the elements, each address once: `name <tab> address`. */
export async function linksOf(roots: readonly Locator[], part: string | undefined): Promise<string> {
  const found = await Promise.all(
    roots.map((root) =>
      root
        .locator('a[href]')
        .evaluateAll((all: PageElement[]) => all.map(({ innerText, href }) => [innerText, href])),
    ),
  );
  const names = new Map<string, string>();
  for (const [name = '', address = ''] of found.flat())
    if (!names.get(address)) names.set(address, name.replaceAll(/\s+/g, ' ').trim());
  const lines = [...names].map(([address, name]) => `${name}\t${address}`);
  const wanted = lines.filter((line) => !part || line.toLowerCase().includes(part.toLowerCase()));
  return wanted.join('\n') || 'There are no such links.';
}

/** The tables in the elements, or they themselves, as Markdown. */
export async function tablesOf(roots: readonly Locator[]): Promise<string> {
  const found = await Promise.all(
    roots.map((root) =>
      root.locator('xpath=descendant-or-self::table').evaluateAll((tables: PageElement[]) =>
        tables.map(({ caption, rows }) => ({
          caption: caption?.innerText,
          rows: [...rows].map(({ cells }) =>
            [...cells].flatMap(({ innerText, colSpan }) => [
              innerText,
              ...Array<string>(Math.min(colSpan, 50) - 1).fill(''),
            ]),
          ),
        })),
      ),
    ),
  );
  return found.flat().map(markdownOf).filter(Boolean).join('\n\n') || 'There are no tables.';
}

function markdownOf({ caption, rows }: { caption?: string | undefined; rows: string[][] }): string {
  const cells = rows.map((row) =>
    row.map((cell) => cell.replaceAll(/\s+/g, ' ').trim().replaceAll('|', '\\|')),
  );
  const [head, ...body] = cells.filter((row) => row.length > 0).map((row) => `| ${row.join(' | ')} |`);
  const width = Math.max(0, ...cells.map((row) => row.length));
  if (!head) return '';
  return [caption?.trim(), head, `|${' --- |'.repeat(width)}`, ...body].filter(Boolean).join('\n');
}
