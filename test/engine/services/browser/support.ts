import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export const browserIdentifier = 'aws.browser.v1';

/** A web server on loopback for all tests of a file. @returns what gives its `host:port`. */
export function pagesBy(answer: RequestListener): () => string {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers every request with a page. */
export function page(html: string): RequestListener {
  return (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(html);
  };
}
