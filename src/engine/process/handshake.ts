import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Keys } from './keys.ts';
import type { EngineRecord } from './record.ts';

/** The engine's own routes; everything else on its port is AgentCore. */
export const handshakePath = '/_engine/handshake';
export const shutdownPath = '/_engine/shutdown';
/** Carries the proof that the sender can read the data directory's master key. */
export const proofHeader = 'x-agentcore-mcp-proof';

/** What an engine says about itself. */
export interface Introduction extends EngineRecord {
  /** Sessions and tasks that keep it alive. */
  live: number;
  /** Tells apart what different users have chosen, see `settingsMark`. */
  settings?: string;
  /** The language model that answers, in words. */
  model?: string;
  /** The embedding model that memory is searched with, in words. */
  embedder?: string;
}

/** The answer to a request for shutdown; `live` says what stood in the way. */
export interface ShutdownAnswer {
  stopping: boolean;
  live: number;
}

interface Reply {
  status: number;
  proof: string;
  body: string;
}

const MAX_REPLY = 64 * 1024;
/** An engine that answers at all answers within milliseconds, unless the machine is overloaded. */
const ANSWER_MS = 5_000;

/**
 * Asks whoever listens at `url` to introduce itself. Undefined when nobody answers in time, or when the answer does not
 * prove that it comes from the engine of this data directory on this very port.
 */
export async function introduce(
  url: string,
  keys: Keys,
  { timeoutMs = ANSWER_MS }: { timeoutMs?: number } = {},
): Promise<Introduction | undefined> {
  const nonce = randomBytes(32).toString('hex');
  const reply = await send('GET', `${url}${handshakePath}?nonce=${nonce}`, { timeoutMs });
  if (reply?.status !== 200) return undefined;
  if (!keys.verify(reply.proof, 'handshake', nonce, new URL(url).port, reply.body)) return undefined;
  return JSON.parse(reply.body) as Introduction;
}

/** Asks an engine that has introduced itself to stop. Undefined when it does not answer. */
export async function askToStop(
  engine: Pick<EngineRecord, 'url' | 'generation'>,
  keys: Keys,
  { ifIdle }: { ifIdle: boolean },
): Promise<ShutdownAnswer | undefined> {
  const body = JSON.stringify({ ifIdle });
  const proof = keys.prove('shutdown', engine.generation, body);
  const reply = await send('POST', `${engine.url}${shutdownPath}`, { body, proof, timeoutMs: ANSWER_MS });
  if (reply?.status !== 200 && reply?.status !== 409) return undefined;
  return JSON.parse(reply.body) as ShutdownAnswer;
}

/** One request on a connection of its own, past any proxy settings; undefined when it fails. */
function send(
  method: string,
  url: string,
  { body, proof, timeoutMs }: { body?: string; proof?: string; timeoutMs: number },
): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const headers = { connection: 'close', ...(proof && { [proofHeader]: proof }) };
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request(url, { method, headers, agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_REPLY) sent.destroy();
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          proof: String(response.headers[proofHeader] ?? ''),
          body: text,
        }),
      );
      response.on('error', () => resolve(undefined));
      response.on('close', () => resolve(undefined));
    });
    sent.on('error', () => resolve(undefined));
    sent.end(body);
  });
}
