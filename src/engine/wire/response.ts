import { type ServerResponse, validateHeaderValue } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { NormalizedSchema } from '@smithy/core/schema';
import { BearerRefusal } from '../service.ts';
import { type Api, type ApiForm, apiForms } from './apis.ts';
import { modelledError, WireError } from './errors.ts';
import { eventMessages } from './event-stream.ts';
import { type ErrorSchemas, type Model, type Operation, statusOf } from './schemas.ts';
import { serialize } from './serialize.ts';

/** The head of an answer, and its body: complete, or to be sent as it comes. */
interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** How long the head of a streamed body waits for the beginning of the body, in milliseconds: one packet costs less than two. */
const HEAD_MS = 10;

/**
 * Sends a handler's output: every member where the model puts it. The head of a streamed body goes out with its beginning, or
 * soon without.
 * Resolves when all is sent or cannot be, which `onError` is told; an output that breaks off mid-way breaks the
 * connection off.
 *
 * @throws Error where the output does not fit the model; nothing has been sent then.
 */
export async function sendOutput(
  response: ServerResponse,
  api: Api,
  operation: Operation<Model>,
  output: Readonly<Record<string, unknown>>,
  onError: (error: unknown) => void,
): Promise<void> {
  const { status, headers, body } = answerFor(api, operation, output, onError);
  response.writeHead(status, headers);
  if (body instanceof Uint8Array) {
    response.end(body);
    return;
  }
  const head = setTimeout(() => response.flushHeaders(), HEAD_MS);
  try {
    await pipeline(Readable.from(body, { highWaterMark: 1 }), response);
  } catch (error) {
    onError(error);
    response.destroy();
  } finally {
    clearTimeout(head);
  }
}

/** What the answer of an error is made by. */
export type ErrorForm = ApiForm & Partial<Pick<Api, 'errors'>>;

const documentType = { restJson1: 'application/json', 'awsJson1.1': 'application/x-amz-json-1.1' } as const;

/**
 * Sends an error as AWS does: its name in `x-amzn-errortype`, the message and the modelled members in the body; JSON-RPC
 * has the name in the body, too.
 *
 * @param form The API that was asked; AgentCore's form where nobody knows.
 */
export function sendError(
  response: ServerResponse,
  form: ErrorForm | undefined,
  error: unknown,
  onError: (error: unknown) => void,
): void {
  if (response.headersSent) {
    onError(error);
    response.destroy();
    return;
  }
  const { status, code, body, headers } = errorAnswer(form ?? apiForms.agentcore, error, onError);
  response.writeHead(status, {
    'x-amzn-errortype': code,
    'content-length': body.byteLength,
    ...headers,
  });
  response.end(body);
}

function answerFor(
  api: Api,
  operation: Operation<Model>,
  output: Readonly<Record<string, unknown>>,
  onError: (error: unknown) => void,
): Answer {
  const answer: Answer = { status: operation.status, headers: {}, body: new Uint8Array() };
  let payload: readonly [NormalizedSchema, unknown] | undefined;
  for (const [name, schema] of operation.output.structIterator()) {
    const value = output[name];
    const traits = schema.getMergedTraits();
    if (traits.httpPayload) payload = [schema, value];
    if (value === undefined || value === null) continue;
    if (traits.httpResponseCode) answer.status = Number(value);
    if (traits.httpHeader) {
      validateHeaderValue(traits.httpHeader, String(value));
      answer.headers[traits.httpHeader.toLowerCase()] = String(value);
    }
  }
  const contentType = payload
    ? addPayload(answer, api.errors, payload, onError)
    : addDocument(answer, api, operation, output);
  if (contentType) answer.headers['content-type'] ??= contentType;
  if (answer.body instanceof Uint8Array && answer.status !== 204) {
    answer.headers['content-length'] = String(answer.body.byteLength);
  }
  return answer;
}

function addPayload(
  answer: Answer,
  errors: ErrorSchemas,
  [schema, value]: readonly [NormalizedSchema, unknown],
  onError: (error: unknown) => void,
): string {
  if (schema.isUnionSchema() && schema.isStreaming()) {
    answer.body = eventMessages(errors, schema, value as AsyncIterable<unknown>, onError);
    return 'application/vnd.amazon.eventstream';
  }
  if (schema.isBlobSchema()) {
    if (value) answer.body = value as Answer['body'];
    return 'application/octet-stream';
  }
  if (value !== undefined) answer.body = serialize(schema, value);
  return 'application/json';
}

/** The members without a place of their own make up a JSON object; serialising leaves the others out by name. */
function addDocument(
  answer: Answer,
  { protocol }: Api,
  { output: schema }: Operation<Model>,
  output: Readonly<Record<string, unknown>>,
): string | undefined {
  if (answer.status === 204) return undefined;
  const inBody = [...schema.structIterator()].filter(([, member]) => {
    const { httpHeader, httpResponseCode } = member.getMergedTraits();
    return !httpHeader && !httpResponseCode;
  });
  const names = new Set(inBody.map(([name]) => name));
  answer.body = serialize(
    schema,
    Object.fromEntries(Object.entries(output).filter(([name]) => names.has(name))),
  );
  return documentType[protocol];
}

interface ErrorAnswer {
  status: number;
  code: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

function errorAnswer(form: ErrorForm, error: unknown, onError: (error: unknown) => void): ErrorAnswer {
  const modelled = form.errors && modelledError(form.errors, error);
  if (modelled) {
    const { error: exception, schema } = modelled;
    const members = JSON.parse(new TextDecoder().decode(serialize(schema, exception)));
    // Some models write the name of the message with a capital.
    const Message = schema.getMemberSchemas().Message && exception.message;
    return inForm(form, statusOf(schema), exception.name, { ...members, Message });
  }
  if (error instanceof BearerRefusal) {
    const code = error.status === 401 ? 'UnauthorizedException' : 'AccessDeniedException';
    const answer = inForm(form, error.status, code, { message: error.message });
    if (error.challenge) answer.headers['www-authenticate'] = error.challenge;
    return answer;
  }
  if (!(error instanceof WireError)) {
    onError(error);
    return errorAnswer(form, internal, onError);
  }
  const { code, status, message, members } = error;
  return inForm(form, status, code === invalid ? form.invalidInput : code, { message, ...members });
}

const invalid = 'ValidationException';

function inForm(
  { protocol }: ErrorForm,
  status: number,
  code: string,
  members: Readonly<Record<string, unknown>>,
): ErrorAnswer {
  const body = protocol === 'awsJson1.1' ? { __type: code, ...members } : members;
  const headers = { 'content-type': documentType[protocol] };
  return { status, code, headers, body: Buffer.from(JSON.stringify(body)) };
}

const internal = new WireError(
  'InternalServerException',
  500,
  'The engine failed on this request; its log says why.',
);
