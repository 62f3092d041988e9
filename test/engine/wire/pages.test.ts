import { once } from 'node:events';
import { ResourceNotFoundException } from '@aws-sdk/client-bedrock-agentcore';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLog } from '../../../src/engine/log.ts';
import type { Channel, VisitRequest } from '../../../src/engine/service.ts';
import { Tickets } from '../../../src/engine/wire/tickets.ts';
import { ask } from '../../support/engine.ts';
import { signerFor } from '../../support/signed-http.ts';
import { ACCOUNT, REGION, startWire } from '../../support/wire.ts';

const path = '/things/a%20thing/view';
const logged: string[] = [];
const clock = { ms: 0 };
let visited: VisitRequest | undefined;
let channel: Channel | undefined;

const wire = await startWire(
  {},
  {
    tickets: new Tickets(() => clock.ms),
    log: createLog({ level: 'warn', write: (line) => logged.push(line) }),
    pages: {
      async '/things/{name}/view'(request) {
        visited = request;
        if (request.labels.name === 'none')
          throw new ResourceNotFoundException({ $metadata: {}, message: 'There is none.' });
        return (nonce) => `<script nonce="${nonce}" data-ticket="${request.ticket()}"></script>`;
      },
    },
    sockets: {
      async '/things/{name}/view'(request) {
        visited = request;
        if (request.labels.name === 'none')
          throw new ResourceNotFoundException({ $metadata: {}, message: 'There is none.' });
        return {
          hold(open) {
            channel = open;
            open.send(`welcome ${request.ticket()}`);
            open.onMessage((message) => {
              if (message === 'fail') throw new Error('a fault of the service');
              if (message === 'leave') open.close(4001, 'as told');
              else open.send(message);
            });
          },
        };
      },
    },
  },
);
afterAll(() => wire.close());

const host = `127.0.0.1:${wire.port}`;
const own = { origin: `http://${host}` };
/** As a browser says it when somebody opens a link from elsewhere. */
const navigation = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
};

async function presigned({ at = path, signingDate = new Date() } = {}): Promise<string> {
  const request = { method: 'GET', protocol: 'http:', hostname: '127.0.0.1', path: at, headers: { host } };
  const { query = {} } = await signerFor('bedrock-agentcore').presign(request, {
    expiresIn: 300,
    signingDate,
  });
  return `http://${host}${at}?${new URLSearchParams(query as Record<string, string>)}`;
}

/** Opens the page and gives the ticket in it. */
async function ticketOf(): Promise<string> {
  const { text } = await ask(await presigned(), { headers: navigation });
  return /data-ticket="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** Opens a WebSocket and gives its first message, or the status it is refused with. */
async function opened(url: string, headers: Record<string, string> = {}) {
  const webSocket = new WebSocket(url.replace(/^http/, 'ws'), { headers });
  onTestFinished(() => webSocket.terminate());
  webSocket.on('error', () => {});
  const refused = once(webSocket, 'unexpected-response').then(
    ([, response]) => response.statusCode as number,
  );
  const welcome = once(webSocket, 'message').then(([message]) => String(message).split(' '));
  const first = await Promise.race([refused, welcome]);
  return { webSocket, status: first, ticket: Array.isArray(first) ? first[1] : undefined };
}

const withTicket = (ticket = '', at = path) => `http://${host}${at}?agentcore-ticket=${ticket}`;

describe('a page', () => {
  test('is shown to who opens a presigned link, and can do nothing but what it brought', async () => {
    const { status, headers, text } = await ask(await presigned(), { headers: navigation });
    expect(status).toBe(200);
    expect(visited).toMatchObject({
      labels: { name: 'a thing' },
      call: { account: ACCOUNT, region: REGION, origin: `http://${host}` },
    });
    const nonce = /nonce="([^"]+)"/.exec(text)?.[1];
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; connect-src 'self' ws://${host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-amzn-requestid': expect.any(String),
    });
    const again = await ask(await presigned(), { headers: { 'sec-fetch-mode': 'cors' } });
    expect(again.status).toBe(200);
    expect(again.text).not.toContain(nonce);
  });

  test.each<[string, () => Promise<string>, Record<string, string>, number]>([
    ['without a signature', async () => `http://${host}${path}`, {}, 403],
    ['without a signature, to a browser', async () => `http://${host}${path}`, navigation, 403],
    [
      'with a link that has expired',
      () => presigned({ signingDate: new Date(Date.now() - 301_000) }),
      navigation,
      403,
    ],
    [
      'with a link for another page',
      async () => (await presigned({ at: '/things/b/view' })).replace('/b/', '/a%20thing/'),
      navigation,
      403,
    ],
    ['in a frame', () => presigned(), { ...navigation, 'sec-fetch-dest': 'iframe' }, 403],
    [
      'to the script of a page',
      () => presigned(),
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
      403,
    ],
    ['to who says an Origin', () => presigned(), { ...navigation, origin: 'http://evil.example' }, 403],
    ['for a foreign Host', () => presigned(), { ...navigation, host: 'evil.example' }, 403],
    ['where the service has none', () => presigned({ at: '/things/none/view' }), navigation, 404],
  ])('is refused %s', async (_, url, headers, status) => {
    expect((await ask(await url(), { headers })).status).toBe(status);
  });

  test('opens its way to browsers for nothing else', async () => {
    const other = await presigned({ at: '/gateways/' });
    expect((await ask(other, { headers: navigation })).status).toBe(403);
    expect((await ask(other)).status).not.toBe(403);
  });
});

describe('the WebSocket of a page', () => {
  test('opens with its ticket, once, and anew with the next one', async () => {
    const ticket = await ticketOf();
    const first = await opened(withTicket(ticket), own);
    expect(visited?.call).toMatchObject({ account: ACCOUNT, region: REGION });
    expect((await opened(withTicket(ticket), own)).status).toBe(403);
    const next = await opened(withTicket(first.ticket), { ...own, 'sec-fetch-site': 'same-origin' });
    expect(next.status).toEqual(['welcome', expect.any(String)]);
  });

  test('is refused once the time of its ticket is over', async () => {
    const [inTime, late] = [await ticketOf(), await ticketOf()];
    clock.ms += 299_000;
    expect((await opened(withTicket(inTime), own)).status).toEqual(['welcome', expect.any(String)]);
    clock.ms += 2_000;
    expect((await opened(withTicket(late), own)).status).toBe(403);
  });

  test.each<[string, (ticket: string) => string, Record<string, string>]>([
    ['from another page', withTicket, { origin: 'http://evil.example' }],
    ['without an Origin', withTicket, {}],
    ['from the same name over another scheme', withTicket, { origin: `https://${host}` }],
    ['for a foreign Host', withTicket, { origin: 'http://evil.example', host: 'evil.example' }],
    ['across sites', withTicket, { ...own, 'sec-fetch-site': 'cross-site' }],
    ['at another path', (ticket) => withTicket(ticket, '/things/b/view'), own],
    ['without a ticket', () => withTicket(''), own],
  ])('is refused %s, and the ticket stays good', async (_, url, headers) => {
    const ticket = await ticketOf();
    expect((await opened(url(ticket), headers)).status).toBe(403);
    expect((await opened(withTicket(ticket), own)).status).toEqual(['welcome', expect.any(String)]);
  });
});

describe('a WebSocket that its service holds', () => {
  test('opens with a presigned URL and carries text and bytes both ways', async () => {
    const { webSocket } = await opened(await presigned());
    for (const message of ['héllo', Buffer.from([0, 255, 1])]) {
      webSocket.send(message);
      const [answer, isBinary] = await once(webSocket, 'message');
      expect([isBinary ? answer : String(answer), isBinary]).toEqual([message, message instanceof Buffer]);
    }
  });

  test('is refused with the exception of its service', async () => {
    expect((await opened(await presigned({ at: '/things/none/view' }))).status).toBe(404);
  });

  test('shows what the client has not taken, and ends when it leaves', async () => {
    const { webSocket } = await opened(await presigned());
    webSocket.pause();
    for (let sent = 0; channel?.buffered === 0 && sent < 64; sent++) channel.send(Buffer.alloc(1024 * 1024));
    expect(channel?.buffered).toBeGreaterThan(0);
    webSocket.terminate();
    await channel?.ended;
    channel?.send('nobody hears it');
  });

  test('is ended by its service, with code and reason', async () => {
    const { webSocket } = await opened(await presigned());
    webSocket.send('leave');
    const [code, reason] = await once(webSocket, 'close');
    expect([code, String(reason)]).toEqual([4001, 'as told']);
    await channel?.ended;
  });

  test.each([
    ['a fault of the service', 'fail', 1011],
    ['a message that is too large', 'x'.repeat(1024 * 1024 + 1), 1009],
  ])('ends on %s', async (_, message, expected) => {
    const { webSocket } = await opened(await presigned());
    webSocket.send(message);
    const [code] = await once(webSocket, 'close');
    expect(code).toBe(expected);
    expect(logged.join('').includes('a fault of the service')).toBe(message === 'fail');
    logged.length = 0;
  });
});
