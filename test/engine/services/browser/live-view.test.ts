import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  BedrockAgentCoreClient,
  GetBrowserSessionCommand,
  StartBrowserSessionCommand,
  type StartBrowserSessionCommandOutput,
  StopBrowserSessionCommand,
  UpdateBrowserStreamCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { findChromium } from '../../../../src/engine/browser/found.ts';
import { type Engine, startEngine } from '../../../../src/engine/index.ts';
import { browsers, describeBrowser, presigned, signedHeaders } from '../../../support/browser.ts';
import { until } from '../../../support/engine.ts';

const browserIdentifier = 'aws.browser.v1';

/** What pages have told their server. */
const said: string[] = [];
const page = `<title>First <b>&amp;</b></title><style>body { margin: 0; background: #080 } * { position: absolute }</style>
<input style="left: 100px; top: 100px; width: 200px">
<button style="left: 100px; top: 200px; width: 200px" onclick="fetch('/said?' + encodeURIComponent(document.querySelector('input').value))">Say</button>
<button style="left: 100px; top: 300px; width: 200px" onclick="fetch('/said?' + encodeURIComponent(prompt('<i>What?</i>', 'this')))">Ask</button>
<a style="left: 100px; top: 400px" href="/second" target="_blank">Second</a>`;
const pages = createServer(({ url = '' }, response) => {
  if (url.startsWith('/said?')) said.push(decodeURIComponent(url.slice(6)));
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(url === '/second' ? '<title>Second</title><body style="background: #00f">' : page);
});

let engine: Engine;
let client: BedrockAgentCoreClient;
let person: Browser;
let site: string;
/** All tests look at it, one after the other. */
let session: StartBrowserSessionCommandOutput;

beforeAll(async () => {
  const verdict = await browsers.probe();
  if (!verdict.works) return;
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  site = `127.0.0.1:${(pages.address() as AddressInfo).port}`;
  engine = await startEngine({ spares: 0, tls: true, browser: { allowHosts: [site] } });
  const credentials = engine.credentials();
  client = new BedrockAgentCoreClient({ endpoint: engine.url, region: 'us-east-1', credentials });
  const { path } = await findChromium();
  [session, person] = await Promise.all([
    client.send(new StartBrowserSessionCommand({ browserIdentifier })),
    chromium.launch({ executablePath: path, args: ['--no-sandbox'] }),
  ]);
});

afterAll(async () => {
  await person?.close();
  client?.destroy();
  await engine?.close();
  pages.close();
});

/** A client that drives the session, with the first page open in its first tab. */
async function automate(): Promise<Browser> {
  const url = session.streams?.automationStream?.streamEndpoint ?? '';
  const headers = await signedHeaders(url, engine.credentials());
  const robot = await chromium.connectOverCDP(url, { headers });
  onTestFinished(() => robot.close());
  await robot.contexts()[0]?.pages()[0]?.goto(`http://${site}/`);
  return robot;
}

/** @param own Where the engine is called. */
function link(own = engine.url): Promise<string> {
  const url = session.streams?.liveViewStream?.streamEndpoint ?? '';
  return presigned(url.replace(engine.url, own), engine.credentials());
}

async function opened(own?: string): Promise<Page> {
  const view = await person.newPage({ ignoreHTTPSErrors: true });
  onTestFinished(() => view.close());
  view.on('pageerror', (error) => expect.unreachable(String(error)));
  // So that a test can cut the connection.
  await view.addInitScript(`{
    const Native = WebSocket;
    window.WebSocket = class extends Native { constructor(url) { super(url); window.lastSocket = this; } };
  }`);
  const response = await view.goto(await link(own));
  expect(response?.status()).toBe(200);
  return view;
}

const status = (view: Page) => view.getByRole('status').textContent();
const says = (view: Page, words: RegExp) => until(async () => words.test((await status(view)) ?? ''));
const press = (view: Page, name: string) => view.getByRole('button', { name, exact: true }).click();

/** The colour in the middle of the picture. */
const colour = (view: Page) =>
  view.evaluate<number[]>(
    '[...picture.getContext("2d").getImageData(picture.width / 2, picture.height / 2, 1, 1).data]',
  );
const isColour = (view: Page, [red, green, blue]: readonly [number, number, number]) =>
  until(async () => {
    const seen = await colour(view);
    return [red, green, blue].every((part, index) => Math.abs(part - (seen[index] ?? 0)) < 12);
  });

/** Clicks at a point of the page in the picture. */
async function clickAt(view: Page, x: number, y: number): Promise<void> {
  const point = await view.evaluate<{ x: number; y: number }>(`(() => {
    const box = picture.getBoundingClientRect();
    const scale = Math.min(box.width / page.width, box.height / page.height);
    const place = (at, start, room, size) => start + (room - size * scale) / 2 + at * scale;
    return { x: place(${x}, box.left, box.width, page.width), y: place(${y}, box.top, box.height, page.height) };
  })()`);
  await view.mouse.click(point.x, point.y);
}

describeBrowser('the live view', () => {
  test('comes back by itself when its connection was lost, and follows the tabs of automation, with TLS too', async () => {
    const robot = await automate();
    const view = await opened(engine.tls?.url);
    await isColour(view, [0, 0x88, 0]);
    for (let times = 0; times < 2; times++) {
      await view.evaluate('lastSocket.close()');
      await until(() => view.evaluate('lastSocket.readyState > 1'));
      await until(() => view.evaluate('lastSocket.readyState === 1'));
      await says(view, /driven by automation/);
    }
    const tab = await robot.contexts()[0]?.newPage();
    await tab?.goto(`http://${site}/second`);
    await isColour(view, [0, 0, 255]);
    await robot.contexts()[0]?.pages()[0]?.bringToFront();
    await isColour(view, [0, 0x88, 0]);
    await tab?.bringToFront();
    await isColour(view, [0, 0, 255]);
    await tab?.close();
    await isColour(view, [0, 0x88, 0]);
  });

  test('has several viewers, one of them in control, and control outlives who has it', async () => {
    const { sessionId } = session;
    await automate();
    const [first, second] = await Promise.all([opened(), opened()]);
    await press(first, 'Take control');
    await says(second, /Another person is in control/);
    expect(await second.getByRole('button', { name: 'Take control' }).isDisabled()).toBe(true);
    expect(await second.getByRole('textbox', { name: /Page in the browser/ }).isDisabled()).toBe(true);

    const socket = new WebSocket((await link()).replace('http', 'ws'));
    onTestFinished(() => socket.terminate());
    const told: string[] = [];
    let pictures = 0;
    socket.on('message', (message, isBinary) => {
      if (isBinary) pictures++;
      else told.push(String(message));
    });
    await once(socket, 'open');
    for (const message of ['{"type":"reload"}', '{"type":"take"}', '{"type":"release"}', '{"type":"x"}', '{'])
      socket.send(message);
    await until(() => told.filter((message) => message.includes('"refused"')).length === 5);

    await until(() => pictures);
    await first.getByLabel('Address').fill(`${site}/second`);
    await first.keyboard.press('Enter');
    await isColour(first, [0, 0, 255]);
    expect(pictures, 'as none was drawn').toBe(1);
    socket.send('{"type":"drawn"}');
    await until(() => pictures === 2);

    await first.close();
    await says(second, /nobody is in control/);
    const { streams } = await client.send(new GetBrowserSessionCommand({ browserIdentifier, sessionId }));
    expect(streams?.automationStream?.streamStatus).toBe('DISABLED');
    await press(second, 'Take control');
    await says(second, /You are in control/);
    const automationStreamUpdate = { streamStatus: 'ENABLED' } as const;
    const streamUpdate = { automationStreamUpdate };
    await client.send(new UpdateBrowserStreamCommand({ browserIdentifier, sessionId, streamUpdate }));
    await says(second, /driven by automation/);
  });

  test('shows a session, and lets a person do in it what he likes until he gives it back', async () => {
    const { sessionId } = session;
    const robot = await automate();
    const view = await opened();
    await says(view, /You are watching. The browser is driven by automation/);
    await isColour(view, [0, 0x88, 0]);
    expect(await view.locator('#tabs button').allTextContents()).toEqual(['First <b>&</b>']);
    expect(await view.getByLabel('Address').inputValue()).toBe(`http://${site}/`);

    const cutOff = once(robot as never, 'disconnected');
    await press(view, 'Take control');
    await says(view, /You are in control/);
    await cutOff;
    await expect(automate()).rejects.toThrow(/409/);

    await clickAt(view, 200, 110);
    await view.keyboard.type('Grüße, ');
    await view.keyboard.insertText('世界');
    await view.keyboard.press('Shift+Home');
    await view.keyboard.press('ArrowRight');
    await view.keyboard.type('!');
    await clickAt(view, 200, 210);
    expect(await until(() => said.shift())).toBe('Grüße, 世界!');

    await clickAt(view, 200, 310);
    const question = view.getByRole('alertdialog');
    expect(await question.locator('#question').textContent()).toBe('<i>What?</i>');
    await view.keyboard.type('that');
    await view.keyboard.press('Enter');
    expect(await until(() => said.shift())).toBe('that');
    expect(await question.isHidden()).toBe(true);

    await clickAt(view, 110, 410);
    await isColour(view, [0, 0, 255]);
    const second = view.getByRole('button', { name: 'Second' });
    expect(await second.getAttribute('aria-current')).toBe('true');
    await view.locator('#tabs button').first().click();
    await isColour(view, [0, 0x88, 0]);

    await view.getByLabel('Address').fill('file:///etc/passwd');
    await view.keyboard.press('Enter');
    await says(view, /no address of the web/);
    await view.getByLabel('Address').fill(`${site}/second`);
    await view.keyboard.press('Enter');
    await isColour(view, [0, 0, 255]);
    await press(view, 'Back');
    await isColour(view, [0, 0x88, 0]);

    await clickAt(view, 600, 600);
    await view.keyboard.press('F6');
    await view.keyboard.press('Enter');
    await says(view, /driven by automation/);
    const back = await automate();
    expect(back.contexts()[0]?.pages()).toHaveLength(2);
    await client.send(new StopBrowserSessionCommand({ browserIdentifier, sessionId }));
    await says(view, /The session has ended: it was stopped\./);
  });
});
