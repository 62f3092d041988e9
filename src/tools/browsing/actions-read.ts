import { type Action, type Doing, element, limitsOf } from './action.ts';
import { linksOf, tablesOf, textsOf } from './extract.ts';
import { linesOf } from './print.ts';
import { partOf } from './show.ts';

/** Lines of the console and of the requests that one step shows. */
const MAX_LINES = 50;

/** What looks at the page and leaves it as it is. */
export const readActions = {
  snapshot: {
    target: 'optional',
    value: 'optional',
    wants: 'the number of the line to go on from',
    check: (value) => (/^[1-9]\d{0,5}$/.test(value) ? undefined : 'it is no number'),
    reads: true,
    async run(doing) {
      const { findings, tab, target, value, context } = doing;
      if (!target && !value) findings.full = true;
      if (!target && !value) return undefined;
      const nodes = target ? await tab.part(await element(doing), doing) : await tab.look(limitsOf(doing));
      return partOf(linesOf(nodes), {
        from: Number(value ?? 1),
        maxTokens: context.config.maxResultTokens / 2,
      });
    },
  },
  text: {
    target: 'optional',
    value: 'none',
    reads: true,
    run: async (doing) => textsOf(await rootOf(doing)),
  },
  links: {
    target: 'optional',
    value: 'optional',
    wants: 'a text that their name or address has',
    reads: true,
    run: async (doing) => linksOf(await rootOf(doing), doing.value),
  },
  tables: {
    target: 'optional',
    value: 'none',
    reads: true,
    run: async (doing) => tablesOf(await rootOf(doing)),
  },
  evaluate: {
    target: 'optional',
    value: 'needed',
    wants: 'JavaScript: an expression, a function of the target, or statements with return',
    check: (value) => (scriptOf(value) ? undefined : 'it is no JavaScript'),
    run: evaluate,
  },
  console: {
    target: 'none',
    value: 'optional',
    wants: 'a text that the lines have',
    reads: true,
    always: true,
    run: async ({ tab, value }) => latest(tab.console, value) ?? 'The console is empty.',
  },
  requests: {
    target: 'none',
    value: 'optional',
    wants: 'all, or a text that they have; without it, those that failed',
    reads: true,
    always: true,
    async run({ tab, value }) {
      const failed = /^\S+ (?:[45]\d\d|net::(?!ERR_ABORTED)\S+) /;
      const some = value === undefined ? tab.requests.filter((line) => failed.test(line)) : tab.requests;
      return latest(some, value === 'all' ? undefined : value) ?? 'There are none.';
    },
  },
} satisfies Record<string, Action>;

/** The element of a step, or the page with all its frames. */
async function rootOf(doing: Doing) {
  return doing.target
    ? [await element(doing)]
    : doing.tab.page.frames().map((frame) => frame.locator('body'));
}

function latest(lines: readonly string[], part: string | undefined): string | undefined {
  const wanted = lines.filter((line) => !part || line.toLowerCase().includes(part.toLowerCase()));
  const earlier = wanted.length - MAX_LINES;
  return (
    [...(earlier > 0 ? [`(${earlier} earlier ones)`] : []), ...wanted.slice(-MAX_LINES)].join('\n') ||
    undefined
  );
}

type Script = (element: unknown) => unknown;

/** JavaScript for the page. It is only read here, never run. */
function scriptOf(value: string): Script | undefined {
  const expression = `const it = (${value}\n); return typeof it === 'function' ? it(element) : it;`;
  for (const body of [expression, value]) {
    try {
      return new Function('element', `return (async () => { ${body}\n})()`) as Script;
    } catch {
      // The next form may fit.
    }
  }
  return undefined;
}

async function evaluate(doing: Doing): Promise<string> {
  const script = scriptOf(doing.value ?? '') ?? (() => undefined);
  const result = doing.target
    ? await (await element(doing)).evaluate(script, undefined, limitsOf(doing))
    : await doing.tab.page.evaluate(script, undefined);
  return typeof result === 'string' ? result : (JSON.stringify(result) ?? 'undefined');
}
