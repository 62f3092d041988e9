import { type Readable, Transform, Writable } from 'node:stream';
import { StdioServerTransport, serveStdio as serve } from '@modelcontextprotocol/server/stdio';
import { LET_GO_MS } from '../agentcore/tasks.ts';
import type { Context } from '../context.ts';
import { buildServer } from '../server.ts';

/** As over HTTP; the SDK's own limit leaves no room for files in arguments. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

export interface StdioOptions {
  /** Told about what went wrong outside of any answer. */
  onError?(error: Error): void;
}

/** Tells when the connection is over, whoever ended it. */
class Wire extends StdioServerTransport {
  readonly closed: Promise<void>;
  #tellClosed: () => void = () => {};

  constructor(input: Readable, output: Writable) {
    super(input, output, { maxBufferSize: 2 * MAX_MESSAGE_BYTES });
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
  }

  override async close(): Promise<void> {
    await super.close();
    this.#tellClosed();
  }
}

/**
 * Serves one client on stdin and stdout, until it closes stdin or the process gets SIGINT or SIGTERM. Then running
 * calls are cancelled, what was answered is written out, and the promise resolves. Nothing but MCP reaches stdout.
 */
export async function serveStdio(context: Context, { onError }: StdioOptions = {}): Promise<void> {
  const output = takeStdout();
  const wire = new Wire(process.stdin.pipe(wholeLines()), output);
  const connection = serve(() => buildServer(context), {
    transport: wire,
    onerror(error) {
      if (error.name !== 'ZodError') return onError?.(error);
      // Its own text is a long dump of the validator.
      onError?.(new Error(notAMessage.error.message));
      wire.send(notAMessage).catch(() => {});
    },
  });
  const end = () => void connection.close();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  await wire.closed;
  await context.close();
  await flushed(output);
}

const notAMessage = {
  jsonrpc: '2.0',
  error: {
    code: -32600,
    message: 'Invalid Request: each line is one JSON-RPC message; there are no batches.',
  },
} as const;

/**
 * Hands on only whole lines. The SDK's transport copies what it has with every chunk, which for a message of many
 * megabytes takes the better part of a minute.
 */
function wholeLines(): Transform {
  let waiting: Buffer[] = [];
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      waiting.push(chunk);
      size += chunk.length;
      const end = chunk.lastIndexOf(0x0a) + 1;
      if (end === 0) return done(size > MAX_MESSAGE_BYTES ? tooLong : null);
      const lines = Buffer.concat(waiting).subarray(0, size - chunk.length + end);
      waiting = [chunk.subarray(end)];
      size = chunk.length - end;
      done(null, lines);
    },
  });
}

const tooLong = new Error(`A message is longer than ${MAX_MESSAGE_BYTES} bytes; the connection is closed.`);

/** Takes stdout for the protocol alone: whatever else the process prints there goes to stderr. */
function takeStdout(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout) as (chunk: Buffer, done: (error?: Error | null) => void) => boolean;
  const output = new Writable({ write: (chunk: Buffer, _encoding, done) => void write(chunk, done) });
  stdout.on('error', (error) => output.destroy(error));
  stdout.write = stderr.write.bind(stderr);
  return output;
}

/** Waits until what was written has left the process, or nobody reads any more. */
function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    output.once('close', resolve);
    output.end();
    setTimeout(resolve, LET_GO_MS).unref();
  });
}
