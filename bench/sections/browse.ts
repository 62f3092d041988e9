import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/cl100k_base';
import { findChromium } from '../../src/engine/browser/found.ts';
import { stopEngine } from '../../src/engine/process.ts';
import type { Bench, Section } from '../harness/bench.ts';
import { connectServer, type McpServer } from '../harness/mcp.ts';
import { servePages } from '../harness/pages.ts';
import { nodePeers } from '../harness/peers.ts';
import { connectPlaywright, playwrightMcp, textOf } from '../harness/playwright-mcp.ts';
import type { Findings, Row, Table } from '../harness/report.ts';
import { byTurns, type Subject, timed } from '../harness/rounds.ts';
import { ratios } from '../harness/statistics.ts';
import { browserStarts } from './browser-starts.ts';

const HALF = 0.5;
const QUARTER = 0.25;
/** What it shows of a page is not cut, as the other shows all. */
const UNCUT = ['--max-result-tokens', '20000'];
const FORM = 'A form in six steps, one call of browse';
const SENT = 'Sent: Ada, ada@example.com, Japan, on';

const encoder = new Tiktoken(ranks);
const tokensOf = (text: string) => encoder.encode(text).length;

/** Three ordinary pages, and a click on each that changes little. */
const shapes = {
  article: { title: 'A long article', button: '#like' },
  shop: { title: 'A shop', button: '#add3' },
  table: { title: 'Orders', button: '#send3' },
} as const;

interface Browsing {
  /** The text a model gets for some steps in one call, in a session that is there. */
  steps(...steps: { action: string; target?: string; value?: string }[]): Promise<string>;
}

async function ownBrowsing({ client }: McpServer): Promise<Browsing> {
  const call = async (args: Record<string, unknown>) => {
    const answer = await client.callTool({ name: 'browse', arguments: args });
    if (answer.isError) throw new Error(`browse failed: ${textOf(answer)}`);
    return answer;
  };
  const { structuredContent } = await call({ steps: [{ action: 'snapshot' }] });
  const { session } = structuredContent as { session: string };
  return { steps: async (...steps) => textOf(await call({ session, steps })) };
}

type Call = Awaited<ReturnType<typeof connectPlaywright>>;

function checkSent(text: string): number {
  if (!text.includes(SENT)) throw new Error(`The form was not sent:\n${text}`);
  return tokensOf(text);
}

/** A form, filled in by six steps of one call. */
function ownForm(own: Browsing, url: string, tokens: number[]): Subject {
  const steps = [
    { action: 'open', value: url },
    { action: 'type', target: '[name=name]', value: 'Ada' },
    { action: 'type', target: '[name=email]', value: 'ada@example.com' },
    { action: 'select', target: 'select', value: 'Japan' },
    { action: 'check', target: '[name=terms]' },
    { action: 'click', target: '#register button' },
  ];
  return () => timed(async () => void tokens.push(checkSent(await own.steps(...steps))));
}

/** The same form by six calls, and a look at what came of them. */
function peersForm(call: Call, url: string, tokens: number[]): Subject {
  return () =>
    timed(async () => {
      const texts = [
        await call('browser_navigate', { url }),
        await call('browser_type', { target: '[name=name]', text: 'Ada' }),
        await call('browser_type', { target: '[name=email]', text: 'ada@example.com' }),
        await call('browser_select_option', { target: 'select', values: ['Japan'] }),
        await call('browser_click', { target: '[name=terms]' }),
        await call('browser_click', { target: '#register button' }),
        await call('browser_snapshot'),
      ];
      tokens.push(checkSent(texts.join('\n')));
    });
}

/** What pages cost at first sight, and after a click that changes little, in tokens. */
type Sights = Record<keyof typeof shapes, { first: number; later: number }>;

async function sights(
  host: string,
  open: (url: string) => Promise<string>,
  click: (button: string) => Promise<string>,
): Promise<Sights> {
  const seen = [];
  for (const [name, { title, button }] of Object.entries(shapes)) {
    const first = await open(`http://${host}/${name}`);
    if (!first.includes(title)) throw new Error(`The page ${name} was not shown:\n${first}`);
    seen.push([name, { first: tokensOf(first), later: tokensOf(await click(button)) }]);
  }
  return Object.fromEntries(seen);
}

const ownSights = (own: Browsing, host: string) =>
  sights(
    host,
    (value) => own.steps({ action: 'open', value }),
    (target) => own.steps({ action: 'click', target }),
  );

function peersSights(call: Call, host: string) {
  const look = async (name: string, args: Record<string, unknown>) =>
    `${await call(name, args)}\n${await call('browser_snapshot')}`;
  return sights(
    host,
    (url) => look('browser_navigate', { url }),
    (target) => look('browser_click', { target }),
  );
}

function sightRows(own: Sights, peers: Sights): Row[] {
  return Object.entries(own).flatMap(([name, { first, later }]): Row[] => {
    const other = peers[name as keyof Sights];
    const what = `Tokens of the page "${name}"`;
    return [
      {
        what: `${what} at first sight: browse / ${playwrightMcp}`,
        values: first / other.first,
        unit: '×',
        goal: { most: 1 },
      },
      {
        what: `${what} when little changed`,
        values: later / other.later,
        unit: '×',
        goal: { most: QUARTER },
      },
    ];
  });
}

function sightTable(named: Record<string, Sights>): Table {
  const columns = Object.entries(named);
  return {
    head: ['Page', ...columns.flatMap(([name]) => [`${name}: first sight`, 'little changed'])],
    rows: Object.keys(shapes).map((shape) => [
      shape,
      ...columns.flatMap(([, seen]) => {
        const { first, later } = seen[shape as keyof Sights];
        return [first.toLocaleString('en'), later.toLocaleString('en')];
      }),
    ]),
  };
}

async function startBrowsing(bench: Bench, host: string): Promise<Browsing> {
  const dataDir = bench.makeFolder('data');
  bench.defer(() => stopEngine(dataDir));
  return ownBrowsing(
    await connectServer(bench, dataDir, { flags: ['--browser-allow-hosts', host, ...UNCUT] }),
  );
}

/** The tool alone, where there is nothing to compare it with. */
async function alone(bench: Bench, missing: string): Promise<Findings> {
  const host = await servePages(bench);
  const own = await startBrowsing(bench, host);
  const { form } = await byTurns({ form: ownForm(own, `http://${host}/form`, []) }, bench.rounds(10));
  return {
    rows: [{ what: FORM, values: form, unit: 'ms' }],
    tables: [sightTable({ browse: await ownSights(own, host) })],
    notes: [`@playwright/mcp is not compared: ${missing}.`],
  };
}

async function compare(bench: Bench, call: Call): Promise<Findings> {
  const host = await servePages(bench);
  const own = await startBrowsing(bench, host);
  const url = `http://${host}/form`;
  const tokens = { own: [] as number[], peer: [] as number[] };
  const subjects = { own: ownForm(own, url, tokens.own), peer: peersForm(call, url, tokens.peer) };
  const times = await byTurns(subjects, bench.rounds(10));
  const seen = [await ownSights(own, host), await peersSights(call, host)] as const;
  const compared = (what: string, first: number[], second: number[]): Row => ({
    what: `${what}: browse / ${playwrightMcp}`,
    values: ratios(first, second),
    unit: '×',
    goal: { most: HALF },
  });
  return {
    rows: [
      { what: FORM, values: times.own, unit: 'ms' },
      { what: `The same through ${playwrightMcp}`, values: times.peer, unit: 'ms' },
      compared('Time of the form', times.own, times.peer),
      compared('Tokens of the form', tokens.own, tokens.peer),
      ...sightRows(...seen),
    ],
    tables: [sightTable({ browse: seen[0], [playwrightMcp]: seen[1] })],
    notes: [
      `${playwrightMcp} gets six calls with selectors, as browse has them, and one for a snapshot that shows what came of them; browse shows it by itself.`,
      'Tokens (cl100k) are those of all text in the answers. Both drive the same Chromium, headless; browse through the engine, in a sandbox. Nothing is cut.',
      'A session is READY once DevTools answer, which is before its first page is there: who connects at once waits for that page, about 150 ms.',
    ],
  };
}

export const browse: Section = {
  title: 'browse: a real browser',

  async run(bench) {
    const { path: chromium } = await findChromium();
    const started = await browserStarts(bench, chromium);
    const peer = nodePeers(bench);
    const { rows, ...more } =
      'missing' in peer
        ? await alone(bench, peer.missing)
        : await compare(bench, await connectPlaywright(bench, peer, chromium));
    return { rows: [...started, ...rows], ...more };
  },
};
