// The load generator: sends one request again and again over raw sockets, and prints what it saw as a line of JSON.
// It does little itself, so that not its own speed is measured: no HTTP client, no signing, no parsing of bodies.
import { connect, type Socket } from 'node:net';
import type { Load, LoadResult } from '../harness/load.ts';
import { quantile } from '../harness/statistics.ts';

const {
  url,
  method,
  path,
  headers = {},
  body = '',
  clients,
  seconds,
}: Load = JSON.parse(process.argv[2] ?? '');
const { host, hostname, port } = new URL(url);
const head = Object.entries({ host, 'content-length': String(Buffer.byteLength(body)), ...headers });
const request = Buffer.from(
  [`${method} ${path} HTTP/1.1`, ...head.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n'),
);

const WARM_UP_SECONDS = 0.2;
const times: number[] = [];
const firstBytes: number[] = [];
let reconnects = -clients;

/** Whether an answer is complete, its body has begun, and the server closes the connection after it. */
function look(answer: Buffer) {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return { begun: false, complete: false, closes: false };
  const top = answer.toString('latin1', 0, end);
  if (!top.startsWith('HTTP/1.1 200'))
    throw new Error(`The answer is no 200: ${answer.toString('utf8', 0, 600)}`);
  const length = /^content-length: (\d+)/im.exec(top)?.[1];
  const complete = length
    ? answer.length >= end + 4 + Number(length)
    : answer.subarray(-5).equals(Buffer.from('0\r\n\r\n'));
  return { begun: answer.length > end + 4, complete, closes: /^connection: close/im.test(top) };
}

function open(): Promise<Socket> {
  reconnects++;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket.setNoDelay(true)));
    socket.on('error', reject);
  });
}

interface Exchange {
  all: number;
  firstByte: number;
  closes: boolean;
}

/** Sends the request once. Undefined where the server closed the connection before it answered. */
function exchange(socket: Socket): Promise<Exchange | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Exchange | undefined>();
  let answer: Buffer = Buffer.alloc(0);
  let firstByte: number | undefined;
  const begun = performance.now();
  const read = (chunk: Buffer) => {
    answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
    try {
      const seen = look(answer);
      if (seen.begun) firstByte ??= performance.now() - begun;
      if (seen.complete)
        resolve({ all: performance.now() - begun, firstByte: firstByte ?? 0, closes: seen.closes });
    } catch (error) {
      reject(error);
    }
  };
  const lost = () => resolve(undefined);
  if (socket.destroyed) lost();
  socket.on('data', read).on('close', lost);
  socket.write(request);
  return promise.finally(() => socket.off('data', read).off('close', lost));
}

async function client(counts: () => boolean, until: number): Promise<void> {
  let socket = await open();
  let losses = 0;
  while (performance.now() < until || times.length === 0) {
    const took = await exchange(socket);
    if (!took || took.closes) {
      socket.destroy();
      if (!took && ++losses > 3) throw new Error('The server closes connections without an answer.');
      socket = await open();
    }
    if (!took) continue;
    losses = 0;
    if (!counts()) continue;
    times.push(took.all);
    firstBytes.push(took.firstByte);
  }
  socket.destroy();
}

/** For the slowest answer. */
const GRACE_SECONDS = 30;
setTimeout(
  () => {
    throw new Error(`${url} has not answered for ${GRACE_SECONDS} seconds.`);
  },
  (seconds + GRACE_SECONDS) * 1_000,
).unref();

const from = performance.now() + WARM_UP_SECONDS * 1000;
const until = from + seconds * 1000;
const cpuBefore = process.cpuUsage();
await Promise.all(Array.from({ length: clients }, () => client(() => performance.now() > from, until)));
const { user, system } = process.cpuUsage(cpuBefore);
const took = (performance.now() - from) / 1_000;

const result: LoadResult = {
  requests: times.length,
  perSecond: times.length / took,
  p50: quantile(times, 0.5),
  p95: quantile(times, 0.95),
  firstByte: quantile(firstBytes, 0.5),
  reconnects,
  cpu: ((user + system) / 1e6 / (took + WARM_UP_SECONDS)) * 100,
};
console.log(JSON.stringify(result));
