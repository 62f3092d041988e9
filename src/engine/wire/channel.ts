import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Log } from '../log.ts';
import type { Channel, Held } from '../service.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** How often a client is asked whether it is there, in milliseconds; one that has not answered by the next time has gone. */
const PING_MS = 30_000;
const FAULT = 1011;

/** A client's request for a WebSocket. */
export interface Knock {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  requestId: string;
}

/** Opens a WebSocket and gives it to the service that holds it. */
export async function holdSocket({ request, socket, head, requestId }: Knock, held: Held, log: Log) {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  server.on('headers', (lines) => lines.push(`x-amzn-requestid: ${requestId}`));
  server.handleUpgrade(request, socket, head, (webSocket) => {
    watch(webSocket);
    const onError = (error: unknown) => {
      log.error('A WebSocket failed', { requestId, error });
      webSocket.close(FAULT);
    };
    attempt(() => held.hold(channelOf(webSocket, onError)), onError);
  });
}

function channelOf(webSocket: WebSocket, onError: (error: unknown) => void): Channel {
  return {
    send: (message) => webSocket.send(message, () => {}),
    get buffered() {
      return webSocket.bufferedAmount;
    },
    onMessage(listener) {
      webSocket.on('message', (message: Buffer, isBinary) =>
        attempt(() => listener(isBinary ? message : String(message)), onError),
      );
    },
    close: (code = 1000, reason) => webSocket.close(code, reason),
    ended: new Promise((resolve) => webSocket.once('close', () => resolve())),
  };
}

function watch(webSocket: WebSocket): void {
  let answers = true;
  const timer = setInterval(() => {
    if (!answers) return webSocket.terminate();
    answers = false;
    webSocket.ping();
  }, PING_MS).unref();
  webSocket
    .on('pong', () => {
      answers = true;
    })
    .on('close', () => clearInterval(timer))
    // Every error is followed by the end.
    .on('error', () => {});
}

function attempt(what: () => void, onError: (error: unknown) => void): void {
  try {
    what();
  } catch (error) {
    onError(error);
  }
}
