import { randomUUID } from 'node:crypto';
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
  type McpServerFactory,
  type RequestId,
  type TransportSendOptions,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';

const INVALID_REQUEST = -32600;

/**
 * One client's connection of Streamable HTTP up to 2025-11-25: a server of its own, reached under an id nobody can guess.
 * Beyond the SDK's transport, a request ends when its client cancels it or goes away, and a session that nobody uses ends.
 */
export class LegacySession extends WebStandardStreamableHTTPServerTransport {
  readonly id: string;
  readonly #connected: Promise<void>;
  readonly #idle: NodeJS.Timeout;
  // The requests are held on to because Node tells one of its abort only while something refers to it.
  readonly #running = new Map<RequestId, Request>();
  #stream: Request | undefined;

  /** @param onClosed told once, whoever closed it. */
  constructor(factory: McpServerFactory, idleMs: number, onClosed: (session: LegacySession) => void) {
    const id = randomUUID();
    super({ sessionIdGenerator: () => id });
    this.id = id;
    this.onclose = () => onClosed(this);
    this.#idle = setTimeout(() => this.#expire(), idleMs).unref();
    this.#connected = this.#connect(factory);
  }

  async #connect(factory: McpServerFactory): Promise<void> {
    const server = await factory({ era: 'legacy' });
    await server.connect(this);
  }

  /** Whether a request waits for its answer. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Whether the client listens for what the server says unasked. */
  get isListening(): boolean {
    return this.#stream !== undefined;
  }

  /** Answers a request of the session; one that is aborted is cancelled. */
  async answer(request: Request, message: unknown): Promise<Response> {
    this.#idle.refresh();
    const id = isJSONRPCRequest(message) ? message.id : undefined;
    if (id !== undefined) {
      if (this.#running.has(id)) return inUse(id);
      this.#running.set(id, request);
    }
    await this.#connected;
    const response = await this.handleRequest(request, { parsedBody: message });
    if (id !== undefined) {
      if (response.ok) onAbort(request, () => this.#running.get(id) === request && this.#drop(id));
      else this.#running.delete(id);
    } else if (request.method === 'GET' && response.ok) {
      this.#stream = request;
      onAbort(request, () => this.#stopListening());
      return begun(response);
    }
    if (response.ok && isJSONRPCNotification(message) && message.method === 'notifications/cancelled')
      this.#drop(message.params?.requestId as RequestId);
    return response;
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (isJSONRPCResponse(message) && message.id !== undefined) this.#running.delete(message.id);
    this.#idle.refresh();
    await super.send(message, options);
  }

  override async close(): Promise<void> {
    clearTimeout(this.#idle);
    await super.close();
  }

  /** Ends a request without an answer. */
  #drop(id: RequestId): void {
    if (!this.#running.delete(id)) return;
    this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    this.closeSSEStream(id);
    // The transport forgets a request only when it is answered; with the stream closed, this answer reaches nobody.
    const error = { code: INVALID_REQUEST, message: 'Cancelled' };
    this.send({ jsonrpc: '2.0', id, error }).catch(() => {});
  }

  #stopListening(): void {
    this.#stream = undefined;
    this.#idle.refresh();
    this.closeStandaloneSSEStream();
  }

  #expire(): void {
    if (this.isRunning || this.isListening) this.#idle.refresh();
    else void this.close();
  }
}

/** An event stream that begins with a comment: Node sends the headers only together with the first bytes. */
function begun(response: Response): Response {
  const opening = new TransformStream<Uint8Array, Uint8Array>({
    start: (stream) => stream.enqueue(new TextEncoder().encode(': open\n\n')),
  });
  return new Response(response.body?.pipeThrough(opening), response);
}

function onAbort({ signal }: Request, listener: () => void): void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
}

function inUse(id: RequestId): Response {
  const message = `Invalid Request: request ${id} of this session is still being answered.`;
  return Response.json({ jsonrpc: '2.0', error: { code: INVALID_REQUEST, message }, id }, { status: 400 });
}
