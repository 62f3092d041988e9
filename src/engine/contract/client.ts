import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { type Connect, Connections, MAX_HEADER_BYTES } from './connections.ts';
import { ContractError } from './errors.ts';

export interface AgentRequest {
  method: 'GET' | 'POST';
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array;
  /** Ends the request, also while its answer is being read; its reason is thrown. */
  signal?: AbortSignal;
}

export interface AgentAnswer {
  /** 200 or above. */
  status: number;
  headers: IncomingHttpHeaders;
  /** As it comes, at the reader's pace. Destroying it ends the request; it fails where the answer breaks off. */
  body: Readable;
}

/** An HTTP client for the server of one agent. It has no deadlines of its own. */
export class ContractClient {
  readonly #connections: Connections;
  readonly #port: number;

  /** `port` is for the Host header, which some servers check. */
  constructor(connect: Connect, port: number) {
    this.#connections = new Connections(connect);
    this.#port = port;
  }

  /** Resolves with the head of the answer. @throws ContractError */
  async request({ method, path, headers, body, signal }: AgentRequest): Promise<AgentAnswer> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    let connected = false;
    const sent = httpRequest({
      agent: this.#connections,
      method,
      path,
      headers: { ...headers, ...(body && { 'content-length': body.byteLength }) },
      host: '127.0.0.1',
      port: this.#port,
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    });
    sent.once('socket', () => {
      connected = true;
    });
    sent.once('response', resolve);
    sent.once('upgrade', (_answer, stream) => {
      stream.destroy();
      reject(new ContractError('invalid', 'answered 101 Switching Protocols, which was not asked for'));
    });
    sent.on('error', (error) => reject(explained(error, connected)));
    sent.once('close', () => reject(new ContractError('broken', CLOSED)));
    sent.end(body);
    try {
      const answer = await promise;
      if (Number(answer.statusCode) < 200) throw impossible(answer);
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** Closes the connections that wait for a request. */
  close(): void {
    this.#connections.destroy();
  }
}

/** 1xx come before an answer; below them there are none, though the parser takes them. */
function impossible(answer: IncomingMessage): ContractError {
  answer.destroy();
  return new ContractError('invalid', `answered with the status ${answer.statusCode}, which is none`);
}

const CLOSED = 'closed the connection without a complete answer';

function explained(error: NodeJS.ErrnoException, connected: boolean): ContractError {
  if (!connected)
    return new ContractError('refused', `cannot be reached: ${error.message}`, { cause: error });
  if (error.code === 'HPE_HEADER_OVERFLOW')
    return new ContractError('invalid', `answered with more than ${MAX_HEADER_BYTES} bytes of headers`);
  if (error.code?.startsWith('HPE_'))
    return new ContractError('invalid', `did not answer in HTTP/1.1: ${error.message}`, { cause: error });
  return new ContractError('broken', CLOSED, { cause: error });
}
