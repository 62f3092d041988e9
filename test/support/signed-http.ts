import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { connect } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import { ACCOUNT, REGION, SECRET } from './wire.ts';

/** SHA-256 as the AWS signer wants it. */
export class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key as Buffer);
  }
  update(content: Uint8Array | string) {
    this.#hash.update(content);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
  reset() {}
}

/** The AWS signer for a service's credential scope. */
export const signerFor = (service: string) =>
  new SignatureV4({
    service,
    region: REGION,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: SECRET },
    sha256: Sha256,
  });

/** A request as it goes over a socket. */
export interface RawRequest {
  method: string;
  /** Path and query, percent-encoded. */
  target: string;
  headers: Record<string, string>;
  body: Uint8Array | string;
}

/** A request for AgentCore signed by the AWS signer. The query of the target must be well-formed. */
export function signed(port: number, parts: Partial<RawRequest>): Promise<RawRequest> {
  return signedFor('bedrock-agentcore', port, parts);
}

/** As {@link signed}, for any service. */
export async function signedFor(
  service: string,
  port: number,
  parts: Partial<RawRequest>,
): Promise<RawRequest> {
  const { method = 'POST', target = '/', headers = {}, body = '' } = parts;
  const [path = '', ...rest] = target.split('?');
  const query: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(rest.join('?').replaceAll('+', '%2B'))) {
    query[name] = [...(query[name] ?? []), value];
  }
  const request = { method, protocol: 'http:', hostname: '127.0.0.1', path, query, body };
  const result = await signerFor(service).sign({
    ...request,
    headers: {
      host: `127.0.0.1:${port}`,
      ...(!headers['transfer-encoding'] && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  });
  return { method, target, headers: result.headers, body };
}

export function bytesOf({ method, target, headers, body }: RawRequest): Buffer {
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** What came back: status 0 where the connection closed without an answer. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  /** As sent, chunked or not. */
  body: string;
}

/**
 * Sends bytes over a connection of their own, ends it, and gives what came back.
 * @throws Error when the server does not close the connection within `deadlineMs`.
 */
export function exchange(port: number, bytes: Uint8Array, deadlineMs = 20_000): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`No end of the answer within ${deadlineMs} ms`));
    }, deadlineMs);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(parse(Buffer.concat(chunks).toString()));
    });
  });
}

function parse(all: string): RawAnswer {
  const text = all.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers: Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    ),
    body: text.slice(end + 4),
  };
}
