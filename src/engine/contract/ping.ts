import type { Readable } from 'node:stream';
import type { ContractClient } from './client.ts';
import { ContractError } from './errors.ts';

/** What an agent says about itself. */
export interface Health {
  status: 'Healthy' | 'HealthyBusy';
  /** When the status last changed, in milliseconds since the epoch, where the agent says so. */
  lastUpdate?: number;
}

export interface PingOptions {
  /** For the whole answer, in milliseconds. */
  deadlineMs: number;
  /** Takes any answer for Healthy, as for servers whose protocol has no /ping. */
  lenient: boolean;
}

const MAX_ANSWER = 64 * 1024;
/** Seconds since the epoch are below it until the year 5138, milliseconds above it since 1973. */
const LEAST_MILLISECONDS = 1e11;

/** An answer that is not 200. */
export class UnhealthyError extends Error {
  override readonly name = 'UnhealthyError';
  readonly status: number;

  constructor(status: number) {
    super(`answers GET /ping with ${status}`);
    this.status = status;
  }
}

/**
 * Asks `GET /ping`. A body that says nothing known means Healthy, as many servers answer no more than "ok".
 * @throws UnhealthyError for another status than 200, ContractError where there is no answer.
 */
export async function ping(client: ContractClient, { deadlineMs, lenient }: PingOptions): Promise<Health> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    const { status, body } = await client.request({ method: 'GET', path: '/ping', signal });
    const text = await beginning(body);
    if (status === 200) return readHealth(text);
    if (lenient) return { status: 'Healthy' };
    throw new UnhealthyError(status);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ContractError('unanswered', `did not answer GET /ping within ${deadlineMs / 1000} s`);
  }
}

async function beginning(body: Readable): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body) {
      text += chunk;
      if (text.length > MAX_ANSWER) break;
    }
  } catch (error) {
    throw new ContractError('broken', 'broke off its answer to GET /ping', { cause: error });
  }
  return text;
}

function readHealth(text: string): Health {
  const { status, time_of_last_update: at } = asObject(text);
  const busy = typeof status === 'string' && status.toLowerCase() === 'healthybusy';
  return {
    status: busy ? 'HealthyBusy' : 'Healthy',
    ...(typeof at === 'number' && at > 0 && { lastUpdate: at < LEAST_MILLISECONDS ? at * 1000 : at }),
  };
}

function asObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
