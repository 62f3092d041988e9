import { APICallError, getErrorMessage, UnsupportedFunctionalityError } from '@ai-sdk/provider';
import { BedrockRuntimeServiceException } from '@aws-sdk/client-bedrock-runtime';
import {
  accessDenied,
  invalidRequest,
  modelFailed,
  modelNotFound,
  modelTimedOut,
  streamBrokeOff,
  throttled,
  unavailable,
} from '../exceptions.ts';
import type { ModelServer } from './model-server.ts';

/** What went on when something failed. */
export interface Attempt {
  server: ModelServer;
  model: string;
  /** Whether some of the answer has been given already. */
  begun: boolean;
  signal: AbortSignal;
}

const MAX_SHOWN = 600;
/** Words of servers for a conversation that is too long for the model. */
const tooLong =
  /context.?(?:length|window|size)|maximum context|too long|too many tokens|exceeds?\b.*\bcontext/i;

/** What a failure is in Bedrock's terms, with what to do about it. The key is never in it. */
export async function asException(error: unknown, attempt: Attempt): Promise<unknown> {
  if (error instanceof BedrockRuntimeServiceException) return error;
  const { server, begun } = attempt;
  if (UnsupportedFunctionalityError.isInstance(error)) return invalidRequest(error.message);
  if (codes(error).some((code) => /^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/.test(code)))
    return modelTimedOut(`The model server at ${server.url} has said nothing for too long.`);
  if (APICallError.isInstance(error) && error.statusCode !== undefined && error.statusCode >= 400)
    return refusal(error, error.statusCode, attempt);
  const said = shown(server, getErrorMessage(messageOf(error)));
  if (begun) return streamBrokeOff(`The model server at ${server.url} broke off its answer: ${said}`);
  if (APICallError.isInstance(error) && error.statusCode === undefined)
    return unreachable(error, server, said);
  return modelFailed(`The model server at ${server.url} gave no usable answer: ${said}`);
}

function unreachable(error: APICallError, { url, options }: ModelServer, said: string): Error {
  const { hostname } = new URL(url);
  const isLocal = /^(?:127\.|localhost$|\[::1\]$)/.test(hostname);
  const cure = isLocal
    ? `Start it (Ollama: ollama serve), or name another one with ${options.url}.`
    : `Check the address and the network, or name another server with ${options.url}.`;
  const refused = codes(error).includes('ECONNREFUSED');
  return modelFailed(`No model server answers at ${url} (${refused ? 'connection refused' : said}). ${cure}`);
}

async function refusal(error: APICallError, status: number, attempt: Attempt): Promise<Error> {
  const { server, model } = attempt;
  const said = shown(server, error.message || error.responseBody || `HTTP ${status}`);
  const whole = `The model server at ${server.url} answered ${status}: ${said}`;
  if (status === 401 || status === 403)
    return accessDenied(`${whole}. Give the engine a key that it accepts in ${server.options.key}.`);
  if (status === 404) return notFound(whole, attempt);
  if (status === 429) return throttled(whole);
  if (status === 408 || status === 504) return modelTimedOut(whole);
  if (status === 503) return unavailable(whole);
  if (status >= 500) return modelFailed(whole, status);
  // Agents know these first words, and shorten the conversation.
  if (tooLong.test(`${said} ${error.responseBody}`))
    return invalidRequest(`Input is too long for requested model. ${whole}`);
  const others = await attempt.server.models(attempt.signal);
  if (others && !others.includes(model) && /model/i.test(said)) return notFound(whole, attempt);
  return invalidRequest(whole);
}

async function notFound(whole: string, { server, model, signal }: Attempt): Promise<Error> {
  const models = await server.models(signal);
  if (!models)
    return modelNotFound(
      `${whole}. It lists no models either: is this the address of its OpenAI-compatible API? That mostly ends in /v1.`,
    );
  const others = models.length ? models.join(', ') : 'none';
  return modelNotFound(
    `The model server at ${server.url} has no model ${model}. It has: ${others}. Choose one with ${server.options.name} (Ollama gets others with ollama pull).`,
  );
}

/** The codes of an error and of what caused it. */
function codes(error: unknown): string[] {
  const found: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') found.push(at.code);
  }
  return found;
}

/** Errors inside a stream are what the server sent. */
function messageOf(error: unknown): unknown {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : error;
}

function shown(server: ModelServer, text: string): string {
  const clean = server.withoutKey(text).trim().replace(/\.$/, '');
  return clean.length > MAX_SHOWN ? `${clean.slice(0, MAX_SHOWN)}…` : clean;
}
