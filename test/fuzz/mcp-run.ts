import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parseConfig } from '../../src/config.ts';
import { createContext } from '../../src/server.ts';
import { serveHttp } from '../../src/transports/http.ts';
import { bytesOf, exchange } from '../support/signed-http.ts';
import { envelope, malformedMessages } from './mcp-messages.ts';
import { headerJunk } from './wire-junk.ts';

export interface FuzzResult {
  /** How often each kind of answer came. */
  answers: Record<string, number>;
  /** What must not happen, with what it takes to see it again. */
  failures: string[];
}

const BATCH = 250;
const CONCURRENT = 8;
const DEADLINE_MS = 30_000;
const MAX_FAILURES = 20;
const INTERNAL_ERROR = -32603;
const token = 'the-token-of-the-fuzz-run';

/** The engine cannot start where no folder can be: what is fuzzed is the MCP side, and nothing runs code. */
const flags = (workspace: string) => [
  '--data-dir',
  '/dev/null/none',
  '--workspace',
  workspace,
  '--log-level',
  'error',
];

function count({ answers }: FuzzResult, kind: string): void {
  answers[kind] = (answers[kind] ?? 0) + 1;
}

function sample(size: number, seed: number): string[] {
  return fc.sample(malformedMessages, { numRuns: size, seed });
}

/**
 * Sends malformed messages to the built server on stdio, in a connection of either era. A failure is an end of the
 * process, a line on stdout that is no message, an internal error, or a good request that gets no answer.
 */
export async function fuzzStdio(
  messages: number,
  seed: number,
  era: 'legacy' | 'modern',
  progress = (_: number) => {},
): Promise<FuzzResult> {
  const result: FuzzResult = { answers: {}, failures: [] };
  const workspace = mkdtempSync(join(tmpdir(), 'fuzz '));
  const binary = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const server = spawn(process.execPath, [binary, ...flags(workspace)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  server.stdin.on('error', () => {});
  const ended = once(server, 'close');
  const waiting = new Map<string, () => void>();
  createInterface({ input: server.stdout }).on('line', (line) => {
    const problem = readLine(line, result, waiting);
    if (problem) result.failures.push(`${problem}: ${line.slice(0, 500)}`);
  });

  const check = async (id: string) => {
    const answered = new Promise<void>((resolve) => {
      waiting.set(id, resolve);
    });
    const params = era === 'modern' ? { _meta: envelope } : {};
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list', params })}\n`);
    return Promise.race([answered.then(() => true), ended.then(() => false), late()]);
  };

  await check('first');
  for (let done = 0; done < messages; done += BATCH) {
    const batch = sample(Math.min(BATCH, messages - done), seed + done);
    for (const message of batch) server.stdin.write(`${message}\n`);
    const alive = await check(`after ${done}`);
    if (!alive) result.failures.push(`No answer after batch ${seed + done}; stderr ends: ${stderr}`);
    if (!alive || result.failures.length > MAX_FAILURES) break;
    progress(done + batch.length);
  }
  server.stdin.end();
  if (!(await Promise.race([ended.then(() => true), late()])))
    result.failures.push('It did not end with its input.');
  server.kill('SIGKILL');
  rmSync(workspace, { recursive: true });
  return result;
}

function readLine(line: string, result: FuzzResult, waiting: Map<string, () => void>): string | undefined {
  let message: { id?: string; jsonrpc?: string; method?: string; error?: { code: number } };
  try {
    message = JSON.parse(line);
  } catch {
    return 'A line that is no JSON';
  }
  if (message.jsonrpc !== '2.0') return 'A line that is no message';
  if (typeof message.id === 'string') waiting.get(message.id)?.();
  count(result, message.error ? String(message.error.code) : (message.method ?? 'result'));
  return message.error?.code === INTERNAL_ERROR ? 'An internal error' : undefined;
}

function late(): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, DEADLINE_MS, false).unref());
}

/** The same over HTTP. A failure is a 5xx, an internal error, an error outside of any answer, or no end of an answer. */
export async function fuzzHttp(
  messages: number,
  seed: number,
  progress = (_: number) => {},
): Promise<FuzzResult> {
  const result: FuzzResult = { answers: {}, failures: [] };
  const workspace = mkdtempSync(join(tmpdir(), 'fuzz '));
  const context = createContext(parseConfig(flags(workspace), { env: {}, cwd: workspace }));
  const limits = { exchangeMs: 3000, headersMs: 2000, requestMs: 3000, maxBodyBytes: 500_000 };
  const server = await serveHttp(context, { host: '127.0.0.1', port: 0, token, limits });
  const port = Number(new URL(server.url).port);

  for (let done = 0; done < messages; done += BATCH) {
    const batch = sample(Math.min(BATCH, messages - done), seed + done);
    const headers = fc.sample(someHeaders, { numRuns: batch.length, seed: seed + done });
    const queue = batch.entries();
    const worker = async () => {
      for (const [index, body] of queue) {
        const bytes = bytesOf(requestOf(port, body, headers[index] ?? []));
        const problem = await exchange(port, bytes, DEADLINE_MS).then(
          (answer) => {
            count(result, String(answer.status));
            return problemOf(answer);
          },
          (error: Error) => error.message,
        );
        if (problem)
          result.failures.push(`${problem}: batch ${seed + done}, message ${index}: ${body.slice(0, 500)}`);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
    if (result.failures.length > MAX_FAILURES) break;
    progress(done + batch.length);
  }
  const good = await exchange(port, bytesOf(requestOf(port, '{"jsonrpc":"2.0","id":1,"method":"ping"}', [])));
  if (good.status !== 200) result.failures.push(`A good request is answered ${JSON.stringify(good)}`);
  await server.close();
  rmSync(workspace, { recursive: true });
  return result;
}

/** Mostly none: a wrong header hides what the message would have done. */
const someHeaders = fc.oneof(
  { weight: 4, arbitrary: fc.constant<[string, string][]>([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.constantFrom<[string, string]>(
        ...headerJunk,
        ['mcp-protocol-version', '2026-07-28'],
        ['mcp-protocol-version', '1999-01-01'],
        ['mcp-method', 'tools/call'],
        ['mcp-name', 'run_code'],
        ['authorization', 'Bearer'],
        ['last-event-id', '1'],
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
);

function requestOf(port: number, body: string, more: [string, string][]) {
  const { method, modern, tool } = said(body);
  const headers = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': String(Buffer.byteLength(body)),
    ...(modern && {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(tool && { 'mcp-name': tool }),
    }),
    ...Object.fromEntries(more),
  };
  return { method: 'POST', target: '/mcp', headers, body };
}

/** What the headers of a 2026-07-28 request repeat of its body; otherwise every such request fails at its headers. */
function said(body: string): { method: string; modern: boolean; tool?: string } {
  const plain = (text: unknown) => (typeof text === 'string' && /^[!-~]{1,80}$/.test(text) ? text : '');
  try {
    const { method, params } = JSON.parse(body);
    const modern = plain(params?._meta?.['io.modelcontextprotocol/protocolVersion']) !== '';
    return { method: plain(method), modern, tool: plain(params?.name ?? params?.uri) };
  } catch {
    return { method: '', modern: false };
  }
}

function problemOf({ status, body }: { status: number; body: string }): string | undefined {
  if (status >= 500) return `Status ${status}`;
  return body.includes(`"code":${INTERNAL_ERROR}`) ? 'An internal error' : undefined;
}
