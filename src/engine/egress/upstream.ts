import { request } from 'node:http';
import type { Socket } from 'node:net';
import { type Destination, Refusal } from './targets.ts';

/** A proxy elsewhere, which what goes out is handed to. */
export interface Upstream {
  host: string;
  port: number;
  /** What it is told in `Proxy-Authorization`. */
  authorization?: string;
}

/** Which proxy leads to a host; none where it is reached directly. */
export type ChooseUpstream = (host: string) => Upstream | undefined;

/** The headers that only the proxy reads. */
export function proxyHeaders({ authorization }: Upstream): Record<string, string> {
  return authorization === undefined ? {} : { 'Proxy-Authorization': authorization };
}

/**
 * Has a proxy lead a connection to it on to a destination.
 * @throws Refusal 502 where it does not within `deadlineMs`.
 */
export async function tunnel(
  socket: Socket,
  to: Destination,
  via: Upstream,
  deadlineMs: number,
): Promise<Socket> {
  const authority = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const fail = (why: string) =>
    reject(new Refusal(502, `The proxy ${via.host}:${via.port} does not lead to ${authority}: ${why}.`));
  const asked = request({
    createConnection: () => socket,
    method: 'CONNECT',
    path: authority,
    headers: { Host: authority, ...proxyHeaders(via) },
    setHost: false,
  });
  asked.once('connect', ({ statusCode = 0, statusMessage }, _, head) => {
    if (statusCode < 200 || statusCode > 299) return fail(`it answered ${statusCode} ${statusMessage}`);
    if (head.length > 0) socket.unshift(head);
    resolve(socket);
  });
  asked.once('response', ({ statusCode, statusMessage }) =>
    fail(`it answered ${statusCode} ${statusMessage}`),
  );
  asked.on('error', ({ message }) => fail(message));
  asked.end();
  const late = setTimeout(fail, deadlineMs, `it did not answer within ${deadlineMs / 1000} seconds`);
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(late);
  }
}
