import { type IncomingHttpHeaders, type IncomingMessage, request, validateHeaderValue } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Tunnel } from '../service.ts';

/** How long a server may take to answer the upgrade, in milliseconds. */
const ANSWER_MS = 10_000;
/** How long the other side may take to end once one has. */
const CLOSE_MS = 5_000;

/** The server's answer to the upgrade; what it sent after it stays in the tunnel's stream. */
interface Upgrade {
  headers: IncomingHttpHeaders;
}

/**
 * Asks for an upgrade through a tunnel.
 *
 * @param handshake The client's Sec-WebSocket-* headers.
 * @throws the tunnel's refusal where its server does not upgrade, in ten seconds.
 */
export async function upgradeThrough(
  { stream, path, headers, refusal }: Tunnel,
  handshake: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Upgrade> {
  const sent = request({
    createConnection: () => stream,
    path,
    headers: { host: 'localhost', connection: 'Upgrade', upgrade: 'websocket', ...handshake, ...headers },
    signal,
  });
  const answered = Promise.withResolvers<Upgrade>();
  const fail = (reason: string) => answered.reject(refusal(reason));
  const late = setTimeout(() => fail(`no answer for ${ANSWER_MS / 1000} seconds`), ANSWER_MS);
  sent.on('upgrade', (answer: IncomingMessage, _: Duplex, head: Buffer) => {
    if (head.length > 0) stream.unshift(head);
    answered.resolve({ headers: answer.headers });
  });
  sent.on('response', ({ statusCode }) => fail(`it answered with status ${statusCode}`));
  sent.on('error', (error) => fail(error.message));
  sent.end();
  try {
    return await answered.promise;
  } catch (error) {
    sent.destroy();
    stream.destroy();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/** The head of an answer that switches to WebSocket. */
export function answerHead(headers: IncomingHttpHeaders): string {
  const lines = Object.entries(headers).flatMap(([name, values = []]) =>
    [values].flat().map((value) => {
      validateHeaderValue(name, value);
      return `${name}: ${value}\r\n`;
    }),
  );
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}

/** Passes on what either side sends, no faster than the other takes it; when one ends, so does the other. */
export function splice(one: Duplex, other: Duplex): void {
  const destroy = () => {
    one.destroy();
    other.destroy();
  };
  let isOver = false;
  const over = () => {
    if (isOver) return;
    isOver = true;
    for (const stream of [one, other]) stream.unpipe().resume().end();
    setTimeout(destroy, CLOSE_MS).unref();
  };
  for (const stream of [one, other]) stream.on('end', over).on('close', over).on('error', over);
  one.pipe(other);
  other.pipe(one);
}
