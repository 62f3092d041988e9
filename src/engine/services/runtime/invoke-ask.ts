import { RuntimeClientError } from '@aws-sdk/client-bedrock-agentcore';
import { type AgentAnswer, type AgentRequest, ContractError } from '../../contract/index.ts';
import type { Compute } from './session-compute.ts';
import type { InUse, Sessions } from './sessions.ts';
import type { Target } from './target.ts';

/** As on AWS: until an answer begins, or all of it where it is no event stream. */
const SYNCHRONOUS_MS = 15 * 60 * 1000;
/** Likewise for all of an event stream. */
export const STREAMING_MS = 60 * 60 * 1000;
/** Of the agent's own words in an error. */
const MAX_WORDS = 1_000;
const WORDS_MS = 2_000;

export interface Asking {
  sessions: Sessions;
  target: Target;
  sessionId: string;
  /** Aborts when the caller goes away. */
  caller: AbortSignal;
  /** A limit that the caller set, in milliseconds. */
  timeoutMs?: number | undefined;
}

/** An agent's answer, whose session counts as in use until the body is closed. */
export interface Answered extends AgentAnswer {
  compute: Compute;
}

/** What a compute is asked. It may be of an earlier version than the one that the call found. */
export type RequestFor = (compute: Compute) => Omit<AgentRequest, 'signal'>;

/**
 * Sends a request to the session's agent, and once more where that turns out to have ended before.
 * @throws RuntimeClientError where the agent fails, or answers with another status than 2xx.
 */
export async function ask(asking: Asking, requestFor: RequestFor): Promise<Answered> {
  const { sessions, target, sessionId } = asking;
  for (let again = true; ; again = false) {
    const inUse = await sessions.use(target, sessionId);
    try {
      return await askOnce(asking, inUse, requestFor);
    } catch (error) {
      inUse.release();
      const neverSent = error instanceof ContractError && error.code === 'refused';
      if (!(again && neverSent && (await inUse.compute.endsSoon()))) throw await inUse.compute.explain(error);
    }
  }
}

async function askOnce(
  { caller, timeoutMs = Number.POSITIVE_INFINITY }: Asking,
  { compute, release }: InUse,
  requestFor: RequestFor,
): Promise<Answered> {
  const limit = new Limit(Math.min(timeoutMs, SYNCHRONOUS_MS), compute);
  try {
    const answer = await compute.request({
      ...requestFor(compute),
      signal: AbortSignal.any([caller, limit.signal]),
    });
    if (answer.status >= 300) throw await refused(answer, compute);
    if (isEventStream(answer)) limit.extend(Math.min(timeoutMs, STREAMING_MS));
    answer.body.once('close', () => {
      limit.clear();
      release();
    });
    return { ...answer, compute };
  } catch (error) {
    limit.clear();
    throw error;
  }
}

function isEventStream({ headers }: AgentAnswer): boolean {
  return /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
}

async function refused(
  { status, headers, body }: AgentAnswer,
  compute: Compute,
): Promise<RuntimeClientError> {
  let words = '';
  const late = setTimeout(() => body.destroy(), WORDS_MS);
  try {
    for await (const chunk of body) {
      words += chunk;
      if (words.length > MAX_WORDS) break;
    }
  } catch {
    // What it said before it broke off will do.
  } finally {
    clearTimeout(late);
  }
  const more = [
    `Received error (${status}) from runtime. Please check your CloudWatch logs for more information`,
    headers.location && `The agent points to ${headers.location}; redirections are not followed`,
    words.trim() && `The agent says: ${words.trim().slice(0, MAX_WORDS)}`,
    `Its log: ${compute.log.whereabouts()}`,
  ];
  return new RuntimeClientError({ $metadata: {}, message: more.filter(Boolean).join('. ') });
}

/** Aborts a call that takes too long. */
class Limit {
  readonly #controller = new AbortController();
  readonly #started = Date.now();
  readonly #compute: Compute;
  #timer: NodeJS.Timeout;

  constructor(ms: number, compute: Compute) {
    this.#compute = compute;
    this.#timer = this.#start(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Sets another time, counted from the beginning. */
  extend(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start(ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #start(ms: number): NodeJS.Timeout {
    const late = () => {
      const seconds = Math.round(ms / 1000);
      this.#controller.abort(
        this.#compute.failure(`The agent did not complete its answer within ${seconds} s.`),
      );
    };
    return setTimeout(late, this.#started + ms - Date.now()).unref();
  }
}
