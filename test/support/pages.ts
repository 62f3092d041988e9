import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mime from 'mime';

const folder = new URL('../fixtures/pages/', import.meta.url);
const HUGE_BYTES = 101 * 1024 * 1024;

/** The pages of test/fixtures/pages, and some that only a server can make, on loopback. */
export interface Pages {
  /** Without a slash at its end, e.g. `http://127.0.0.1:4711`; `localhost` in its place is another origin. */
  url: string;
  /** What was asked for so far: method and path with query. */
  requests: string[];
  close(): Promise<void>;
}

export async function startPages(): Promise<Pages> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = (response: ServerResponse, url: URL, request: IncomingMessage) => unknown;

const html = (response: ServerResponse) => response.setHeader('content-type', 'text/html; charset=utf-8');

const routes: Record<string, Answer> = {
  /** Takes `?to=`. */
  '/redirect': (response, url) =>
    response.writeHead(302, { location: url.searchParams.get('to') ?? '/' }).end(),
  /** Never answers. */
  '/silent': () => {},
  /** Has content, but never ends. */
  '/endless': (response) =>
    html(response).write('<!doctype html><title>Endless</title><h1>So far</h1><button>Act</button>'),
  /** Is all there, but one of its images never comes. */
  '/unfinished': (response) =>
    html(response).end('<!doctype html><title>Unfinished</title><h1>Ready</h1><img src="/silent" alt="">'),
  /** Takes `?rows=`; five elements each. */
  '/large': (response, url) => html(response).end(largePage(Number(url.searchParams.get('rows') ?? 1000))),
  '/files/report.csv': (response) =>
    response.writeHead(200, attachment('report.csv', 'text/csv')).end('tree,price\noak,12\n'),
  /** Says that it is large, and stops soon. */
  '/files/huge.bin': (response) =>
    response
      .writeHead(200, {
        ...attachment('huge.bin', 'application/octet-stream'),
        'content-length': HUGE_BYTES,
      })
      .write(Buffer.alloc(64 * 1024)),
  /** Only for who has the cookie of downloads.html. */
  '/cookie.csv': (response, _url, { headers }) =>
    headers.cookie?.includes('who=me')
      ? response.writeHead(200, attachment('mine.csv', 'text/csv')).end('mine\n')
      : response.writeHead(403).end(),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://pages');
  await sleep(Number(url.searchParams.get('delay') ?? 0));
  const status = /^\/status\/(\d{3})$/.exec(url.pathname)?.[1];
  const route = routes[url.pathname];
  if (status) response.writeHead(Number(status)).end(`Status ${status}`);
  else if (route) route(response, url, request);
  else await sendFile(response, url.pathname);
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  const content = await readFile(new URL(`.${path}`, folder)).catch(() => undefined);
  if (content === undefined) response.writeHead(404).end('Not found');
  else response.writeHead(200, { 'content-type': mime.getType(extname(path)) ?? 'text/plain' }).end(content);
}

const attachment = (name: string, type: string) => ({
  'content-type': type,
  'content-disposition': `attachment; filename="${name}"`,
});

function largePage(rows: number): string {
  const list = Array.from(
    { length: rows },
    (_, i) =>
      `<tr><td>Item ${i}</td><td><a href="/item/${i}">Open ${i}</a></td><td><button onclick="this.textContent = 'Taken ${i}'">Take ${i}</button></td></tr>`,
  );
  return `<!doctype html><title>Large</title><h1>Large</h1><table>${list.join('\n')}</table>`;
}
