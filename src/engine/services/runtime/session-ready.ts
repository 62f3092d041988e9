import { setTimeout as sleep } from 'node:timers/promises';
import { type ContractClient, ping, UnhealthyError } from '../../contract/index.ts';
import type { Contract } from './session-contract.ts';

const START_DEADLINE_MS = 120_000;
/** For a server that listens, but says that it has no /ping. */
const NO_PING_DEADLINE_MS = 10_000;
const PING_DEADLINE_MS = 10_000;
const SOON_MS = 15;
const LATER_MS = 50;

/** Statuses that a server does not change by itself. */
const LASTING = [404, 405, 501];

/**
 * Resolves when the agent's server is healthy, or `signal` aborts.
 * @throws Error that says what it was waiting for.
 */
export async function becomesReady(
  client: ContractClient,
  { port, lenientPing }: Contract,
  { deadlineMs = START_DEADLINE_MS, signal }: { deadlineMs?: number | undefined; signal: AbortSignal },
): Promise<void> {
  const started = Date.now();
  let unhealthySince: number | undefined;
  let last: Error | undefined;
  while (!signal.aborted) {
    try {
      await ping(client, { deadlineMs: PING_DEADLINE_MS, lenient: lenientPing });
      return;
    } catch (error) {
      last = error as Error;
    }
    const now = Date.now();
    const lasting = last instanceof UnhealthyError && LASTING.includes(last.status);
    unhealthySince = lasting ? (unhealthySince ?? now) : undefined;
    if (unhealthySince && now - unhealthySince > NO_PING_DEADLINE_MS)
      throw new Error(`the agent listens on port ${port} but ${last.message}; it must answer 200`);
    if (now - started > deadlineMs)
      throw new Error(
        `the agent was not ready within ${deadlineMs / 1000} s: it must listen on port ${port} and answer GET /ping with ` +
          `200, and it ${last.message}`,
      );
    await sleep(now - started < 1000 ? SOON_MS : LATER_MS);
  }
}

/**
 * Whether there is a server although the process that was started has ended, as daemons fork themselves away.
 * @param deadlineMs How long it may take to show.
 */
export async function isServedStill(
  client: ContractClient,
  contract: Contract,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal },
): Promise<boolean> {
  try {
    await becomesReady(client, contract, { deadlineMs, signal });
    return !signal.aborted;
  } catch {
    return false;
  }
}
