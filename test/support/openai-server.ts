import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request for a completion, as it arrived. */
export interface AskedCompletion {
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a client sends.
  body: any;
}

/** What the server is to answer. */
export type Reply =
  /** An answer of a model: text comes word by word, a tool call's arguments in two pieces. */
  | {
      reasoning?: string;
      text?: string;
      toolCalls?: { id: string; name: string; arguments: string }[];
      finish?: string | null;
      /** Members of the last choice that only some servers have. */
      choice?: object;
      usage?: object | null;
      /** Between two chunks. */
      pauseMs?: number;
    }
  /** These chunks, in these words; `end: 'break'` cuts the connection after them. */
  | { chunks: unknown[]; end?: 'break' }
  | { status: number; error: unknown }
  | 'silence';

const counted = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

/**
 * A small OpenAI-compatible server on a real socket: lists models, keeps every request for a completion, and answers it
 * with and without streaming as it was told. It also embeds texts, by their letters.
 */
export async function startOpenAiServer(models: string[] = ['small-model']) {
  const requests: AskedCompletion[] = [];
  let answer: (request: AskedCompletion) => Reply = () => ({ text: 'Hello from the model.' });
  let gone = 0;
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    if (message.method === 'GET' && message.url === '/v1/models')
      return sendJson(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
    const whole = Buffer.concat(chunks).toString();
    if (message.url === '/v1/embeddings') return sendJson(response, 200, embeddings(JSON.parse(whole).input));
    if (message.method !== 'POST' || message.url !== '/v1/chat/completions')
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
    const request = { headers: message.headers, body: JSON.parse(whole) };
    requests.push(request);
    response.on('close', () => {
      if (!response.writableEnded) gone++;
    });
    await reply(response, answer(request), request.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    /** How many clients went away before their answer was complete. */
    gone: () => gone,
    answer(next: Reply | ((request: AskedCompletion) => Reply)) {
      requests.length = 0;
      answer = typeof next === 'function' ? next : () => next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function reply(response: ServerResponse, answer: Reply, body: AskedCompletion['body']): Promise<void> {
  if (answer === 'silence') return;
  if ('status' in answer) return sendJson(response, answer.status, answer.error);
  if (!('chunks' in answer) && !body.stream) return sendJson(response, 200, completion(answer, body.model));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunks = 'chunks' in answer ? answer.chunks : chunksOf(answer, body);
  for (const chunk of chunks) {
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    if ('pauseMs' in answer && answer.pauseMs) await sleep(answer.pauseMs);
  }
  if (!('end' in answer)) return void response.end('data: [DONE]\n\n');
  // What was written goes out first.
  await sleep(100);
  response.destroy();
}

function embeddings(texts: string[]): object {
  const embed = (text: string) => {
    const vector = Array.from({ length: 32 }, () => 0.01);
    for (const letter of text) vector[letter.charCodeAt(0) % 32] = 1;
    return vector;
  };
  return { object: 'list', data: texts.map((text, index) => ({ index, embedding: embed(text) })) };
}

type Turn = Exclude<Reply, string | { chunks: unknown[] } | { status: number }>;

function* chunksOf(turn: Turn, { model, stream_options }: AskedCompletion['body']): Iterable<unknown> {
  const { reasoning, text = '', toolCalls = [], usage = counted } = turn;
  const chunk = (delta: object, more: object = {}) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model,
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  });
  yield chunk({ role: 'assistant', content: '' });
  if (reasoning) yield chunk({ reasoning_content: reasoning });
  for (const word of text.match(/\S+\s*/g) ?? []) yield chunk({ content: word });
  for (const [index, call] of toolCalls.entries()) {
    const half = Math.floor(call.arguments.length / 2);
    const start = { name: call.name, arguments: call.arguments.slice(0, half) };
    yield chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: start }] });
    yield chunk({ tool_calls: [{ index, function: { arguments: call.arguments.slice(half) } }] });
  }
  if (turn.finish !== null) yield chunk({}, { finish_reason: finishOf(turn), ...turn.choice });
  if (usage && stream_options?.include_usage) yield { id: 'chatcmpl-1', model, choices: [], usage };
}

function completion(turn: Turn, model: string): object {
  const { text = null, toolCalls = [], usage = counted } = turn;
  const calls = toolCalls.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }));
  const message = { role: 'assistant', content: text, ...(calls.length ? { tool_calls: calls } : {}) };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model,
    choices: [{ index: 0, message, finish_reason: finishOf(turn), ...turn.choice }],
    usage,
  };
}

const finishOf = ({ finish, toolCalls }: Turn) => finish ?? (toolCalls?.length ? 'tool_calls' : 'stop');

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
