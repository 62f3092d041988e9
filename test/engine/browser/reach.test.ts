import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { describeBrowser } from '../../support/browser.ts';
import { until } from '../../support/engine.ts';
import { Page, serve, useBrowser } from './support.ts';

/** Addresses of this machine, however they are written. */
const SPELLINGS = [
  '127.0.0.1',
  'localhost',
  '[::1]',
  '0.0.0.0',
  '2130706433',
  '[::ffff:127.0.0.1]',
  'rebound.example',
];

const put = (name: string, attributes: object) =>
  `document.body.appendChild(Object.assign(document.createElement("${name}"), ${JSON.stringify(attributes)}))`;
const fetched = (url: string) => `fetch("${url}", { mode: "no-cors" }).catch(() => {})`;
const redirected = (url: string) => `/to?${encodeURIComponent(url)}`;

/** What a page can do to have something fetched from a place. */
const WAYS: Record<string, (at: string) => string> = {
  fetch: fetched,
  image: (src) => put('img', { src }),
  script: (src) => put('script', { src }),
  style: (href) => put('link', { href, rel: 'stylesheet' }),
  frame: (src) => put('iframe', { src }),
  video: (src) => put('video', { src, preload: 'auto' }),
  socket: (url) => `new WebSocket("${url.replace('http', 'ws')}")`,
  events: (url) => `new EventSource("${url}")`,
  beacon: (url) => `navigator.sendBeacon("${url}", "x")`,
  worker: (url) => `new Worker(URL.createObjectURL(new Blob(['${fetched(url)}'])))`,
  redirect: (url) => fetched(redirected(url)),
  download: (url) => `${put('a', { href: redirected(url), download: 'x' })}.click()`,
  'service-worker': (url) => `navigator.serviceWorker.register("/sw.js?${encodeURIComponent(url)}")`,
};

const asked = { open: new Set<string>(), closed: new Set<string>() };
const open = await serve(({ url = '' }, response) => {
  const { pathname, search } = new URL(url, 'http://test');
  const wanted = decodeURIComponent(search.slice(1));
  if (pathname === '/to') return void response.writeHead(302, { location: wanted }).end();
  asked.open.add(pathname.slice(1));
  if (pathname !== '/sw.js') return void response.writeHead(200, { 'content-type': 'text/html' }).end();
  response.setHeader('content-type', 'text/javascript');
  response.end(`self.addEventListener("install", (event) => event.waitUntil(${fetched(wanted)}))`);
});
const closed = await serve(({ url }, response) => {
  asked.closed.add(url ?? '');
  response.end('secret');
});
let datagrams = 0;
const udp = createSocket('udp4');
udp.on('message', () => datagrams++).bind(0, '127.0.0.1');
await once(udp, 'listening');
afterAll(() => void udp.close());

describeBrowser('what a page can reach', () => {
  const shared = useBrowser(() => ({
    allowHosts: [`127.0.0.1:${open}`],
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  }));
  const home = `http://127.0.0.1:${open}/`;

  test('is what was allowed, by every way that leads out', async () => {
    await shared.page.visit(home);
    for (const [name, way] of Object.entries(WAYS)) await shared.page.evaluate(`void ${way(home + name)}`);
    await until(() => Object.keys(WAYS).every((name) => asked.open.has(name)));
  });

  test('and nothing else of this machine, by none of them, however it is written', async () => {
    await shared.page.visit(home);
    for (const host of SPELLINGS)
      for (const [name, way] of Object.entries(WAYS))
        await shared.page.evaluate(`void ${way(`http://${host}:${closed}/${name}`)}`);
    const stun = `new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${udp.address().port}" }] })`;
    await shared.page.evaluate(
      `{ const peer = ${stun}; peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer)); }`,
    );
    // These come last of what was asked for.
    await shared.page.evaluate(`void fetch("http://marker.example:${closed}/").catch(() => {})`);
    await until(() => shared.browser.refusals().some(({ host }) => host === 'marker.example'));
    await sleep(300);
    expect([...asked.closed]).toEqual([]);
    expect(datagrams).toBe(0);
    await fetch(`http://127.0.0.1:${closed}/`);
    expect([...asked.closed]).toEqual(['/']);
  });

  test('a refused page says why, and so do the refusals that are kept', async () => {
    const reason = `Pages may not reach 10.0.0.1:80: it is a private address. To open it, start with --browser-allow-hosts 10.0.0.1:80.`;
    for (const url of ['http://10.0.0.1/', `${home}to?http://10.0.0.1/`])
      expect((await shared.page.visit(url)).text.trim()).toBe(reason);
    const { error } = await shared.page.visit('https://169.254.169.254/latest');
    expect(error).toBe('net::ERR_TUNNEL_CONNECTION_FAILED');
    expect(shared.browser.refusals().at(-1)).toMatchObject({
      host: '169.254.169.254',
      port: 443,
      reason: expect.stringContaining('where a cloud keeps the credentials of machines'),
    });
    expect(shared.browser.refusals().length).toBe(50);
  });

  test('files and what is inside Chromium are refused, also as source and in a new tab', async () => {
    for (const url of [
      'file:///etc/passwd',
      'view-source:file:///etc/passwd',
      'chrome://settings/',
      'chrome://policy/',
      'devtools://devtools/bundled/inspector.html',
    ])
      expect((await shared.page.visit(url)).error, url).toBe('net::ERR_BLOCKED_BY_ADMINISTRATOR');
    const tab = await Page.of(shared.page.cdp, { url: 'file:///etc/passwd' });
    await until(async () => String(await tab.evaluate('document.body.innerText')).includes('blocked'));
    await tab.send('Page.close');
  });
});
