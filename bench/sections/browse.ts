import {
  type BedrockAgentCoreClient,
  StartBrowserSessionCommand,
  StopBrowserSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/cl100k_base';
import { findChromium } from '../../src/engine/browser/found.ts';
import { stopEngine } from '../../src/engine/process.ts';
import type { Bench, Section } from '../harness/bench.ts';
import { Child } from '../harness/child.ts';
import { dataClient, settle, startEngine } from '../harness/engine.ts';
import { connectServer, type McpServer } from '../harness/mcp.ts';
import { servePages } from '../harness/pages.ts';
import { nodePeers } from '../harness/peers.ts';
import { connectPlaywright, playwrightMcp, textOf } from '../harness/playwright-mcp.ts';
import type { Findings, Row } from '../harness/report.ts';
import { byTurns, type Subject, timed } from '../harness/rounds.ts';
import { ratios } from '../harness/statistics.ts';

const COLD = 1.2;
const WARM_MS = 60;
const HALF = 0.5;
const QUARTER = 0.25;
const PACE_MS = 2_000;
const SENT = 'Sent: Ada, ada@example.com, Japan, on';

const encoder = new Tiktoken(ranks);
const tokensOf = (text: string) => encoder.encode(text).length;

/** Three ordinary pages, and a click on each that changes little. */
const shapes = {
  article: { title: 'A long article', button: '#like' },
  shop: { title: 'A shop', button: '#add3' },
  table: { title: 'Orders', button: '#send3' },
} as const;

/** Chromium as a person would launch it for a program, until DevTools has answered. */
function launchByHand(bench: Bench, chromium: string): Subject {
  let launched = 0;
  return async () => {
    const profile = bench.makeFolder(`profile-${launched++}`);
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
    const begun = performance.now();
    const child = new Child(bench, [
      'sh',
      '-c',
      'exec "$0" "$@" 2>&1',
      chromium,
      ...flags,
      `--user-data-dir=${profile}`,
      'about:blank',
    ]);
    let url: string | undefined;
    while (!url) url = /DevTools listening on ws:(\/\/[^/]+)/.exec(await child.line())?.[1];
    await (await fetch(`http:${url}/json/version`)).json();
    const ms = performance.now() - begun;
    await child.end();
    return ms;
  };
}

/** A session of an engine until it is READY, which is once DevTools has answered; its end does not count. */
function startSession(client: BedrockAgentCoreClient): Subject {
  const browserIdentifier = 'aws.browser.v1';
  return async () => {
    let sessionId: string | undefined;
    const ms = await timed(async () => {
      ({ sessionId } = await client.send(new StartBrowserSessionCommand({ browserIdentifier })));
    });
    await client.send(new StopBrowserSessionCommand({ browserIdentifier, sessionId }));
    return ms;
  };
}

async function starts(bench: Bench, chromium: string): Promise<Row[]> {
  const cold = dataClient(bench, await startEngine(bench, { name: 'cold', settings: { spares: 0 } }));
  const warm = dataClient(bench, await startEngine(bench, { name: 'warm' }));
  await startSession(warm)();
  await settle(bench);
  const times = await byTurns(
    { byHand: launchByHand(bench, chromium), cold: startSession(cold), warm: startSession(warm) },
    { ...bench.rounds(10), pauseMs: bench.pick(PACE_MS, 0) },
  );
  return [
    { what: 'Chromium launched by hand, until DevTools answers', values: times.byHand, unit: 'ms' },
    { what: 'StartBrowserSession, cold', values: times.cold, unit: 'ms' },
    {
      what: 'Cold session / launched by hand',
      values: ratios(times.cold, times.byHand),
      unit: '×',
      goal: { most: COLD },
    },
    {
      what: 'StartBrowserSession, from a spare',
      values: times.warm,
      unit: 'ms',
      goal: { most: WARM_MS },
    },
  ];
}

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

type Peer = Awaited<ReturnType<typeof connectPlaywright>>;

/** The same form, filled by six steps in one call, or by six calls and a look at what came of them. */
function forms(own: Browsing, peer: Peer, url: string, tokens: { own: number[]; peer: number[] }) {
  const check = (text: string) => {
    if (!text.includes(SENT)) throw new Error(`The form was not sent:\n${text}`);
  };
  return {
    own: () =>
      timed(async () => {
        const text = await own.steps(
          { action: 'open', value: url },
          { action: 'type', target: '[name=name]', value: 'Ada' },
          { action: 'type', target: '[name=email]', value: 'ada@example.com' },
          { action: 'select', target: 'select', value: 'Japan' },
          { action: 'check', target: '[name=terms]' },
          { action: 'click', target: 'button "Send"' },
        );
        check(text);
        tokens.own.push(tokensOf(text));
      }),
    peer: () =>
      timed(async () => {
        const texts = [
          await peer('browser_navigate', { url }),
          await peer('browser_type', { target: '[name=name]', text: 'Ada' }),
          await peer('browser_type', { target: '[name=email]', text: 'ada@example.com' }),
          await peer('browser_select_option', { target: 'select', values: ['Japan'] }),
          await peer('browser_click', { target: '[name=terms]' }),
          await peer('browser_click', { target: '#register button' }),
          await peer('browser_snapshot'),
        ];
        check(texts.at(-1) ?? '');
        tokens.peer.push(tokensOf(texts.join('\n')));
      }),
  };
}

/** Tokens of a page at first sight, and after a click that changed little. */
async function sights(own: Browsing, peer: Peer, host: string) {
  const rows: Row[] = [];
  const cells: string[][] = [];
  for (const [name, { title, button }] of Object.entries(shapes)) {
    const url = `http://${host}/${name}`;
    const ownFirst = await own.steps({ action: 'open', value: url });
    if (!ownFirst.includes(title)) throw new Error(`The page ${name} was not shown:\n${ownFirst}`);
    const ownThen = await own.steps({ action: 'click', target: button });
    const peerFirst = `${await peer('browser_navigate', { url })}\n${await peer('browser_snapshot')}`;
    const peerThen = `${await peer('browser_click', { target: button })}\n${await peer('browser_snapshot')}`;
    const all = [ownFirst, peerFirst, ownThen, peerThen].map(tokensOf);
    const [first = 0, peersFirst = 1, then = 0, peersThen = 1] = all;
    cells.push([name, ...all.map((tokens) => tokens.toLocaleString('en'))]);
    rows.push(
      {
        what: `Tokens of the page "${name}" at first sight / ${playwrightMcp}`,
        values: first / peersFirst,
        unit: '×',
        goal: { most: 1 },
      },
      { what: '… when little changed', values: then / peersThen, unit: '×', goal: { most: QUARTER } },
    );
  }
  const head = ['Page', 'First sight', playwrightMcp, 'Little changed', playwrightMcp];
  return { rows, table: { head, rows: cells } };
}

async function compare(bench: Bench, peer: Peer): Promise<Findings> {
  const host = await servePages(bench);
  const dataDir = bench.makeFolder('data');
  bench.defer(() => stopEngine(dataDir));
  const server = await connectServer(bench, dataDir, { flags: ['--browser-allow-hosts', host] });
  const own = await ownBrowsing(server);
  const tokens = { own: [] as number[], peer: [] as number[] };
  const times = await byTurns(forms(own, peer, `http://${host}/form`, tokens), bench.rounds(10));
  const { rows, table } = await sights(own, peer, host);
  const tokenRatios = ratios(tokens.own, tokens.peer);
  return {
    rows: [
      { what: 'A form in six steps, one call of browse', values: times.own, unit: 'ms' },
      { what: `The same through ${playwrightMcp}`, values: times.peer, unit: 'ms' },
      { what: 'Time: browse / it', values: ratios(times.own, times.peer), unit: '×', goal: { most: HALF } },
      { what: 'Tokens: browse / it', values: tokenRatios, unit: '×', goal: { most: HALF } },
      ...rows,
    ],
    tables: [table],
    notes: [
      `${playwrightMcp} gets six calls with selectors, as browse has them, and one for a snapshot that shows what came of them; browse shows it by itself.`,
      'Tokens (cl100k) are those of all text in the answers. Both drive the same Chromium, headless; browse over the engine, in a sandbox.',
    ],
  };
}

export const browse: Section = {
  title: 'browse: a real browser',

  async run(bench) {
    const { path: chromium } = await findChromium();
    const started = await starts(bench, chromium);
    const peers = nodePeers(bench);
    if ('missing' in peers)
      return { rows: started, notes: [`@playwright/mcp is not compared: ${peers.missing}.`] };
    const { rows, ...more } = await compare(bench, await connectPlaywright(bench, peers, chromium));
    return { rows: [...started, ...rows], ...more };
  },
};
