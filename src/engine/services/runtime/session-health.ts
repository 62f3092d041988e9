import type { Clock } from '../../clock.ts';
import type { Health } from '../../contract/index.ts';

const MAX_INTERVAL_MS = 15_000;
/** How long an agent without a request may leave pings unanswered. */
const MAX_SILENCE_MS = 60_000;

export interface Watched {
  idleMs: number;
  /** Rejects where the agent does not answer, within a few seconds. */
  ping(): Promise<Health>;
  /** How many requests and commands run. */
  users(): number;
  /** When the last of them ended, or the agent got ready, by the clock. */
  lastUsed(): number;
  /** Called once, with the reason why the session is to end. */
  onEnd(reason: string): void;
  /** By which a session is idle. */
  clock: Clock;
  /** How long pings may stay without an answer, in milliseconds. Default: a minute. */
  silenceMs?: number;
}

/**
 * Watches a session until it has been idle for too long, or does not answer pings any more, or `signal` aborts. An agent
 * with a request in hand is left alone: it may be one that does only one thing at a time. One that says HealthyBusy is
 * not idle; one that says Healthy has been since the time it states, and not before it was last seen busy.
 */
export async function watchHealth(watched: Watched, signal: AbortSignal): Promise<void> {
  const { idleMs, clock, silenceMs = MAX_SILENCE_MS } = watched;
  const interval = Math.min(idleMs / 4, MAX_INTERVAL_MS);
  let busyUntil = 0;
  let silentSince: number | undefined;
  let pause = interval;
  for (;;) {
    await clock.sleep(pause, signal);
    pause = interval;
    if (signal.aborted) return;
    if (watched.users() > 0) {
      silentSince = undefined;
      continue;
    }
    const asked = Date.now();
    const health = await watched.ping().catch(() => undefined);
    if (signal.aborted) return;
    if (watched.users() > 0) continue;
    silentSince = health ? undefined : (silentSince ?? asked);
    if (silentSince && Date.now() - silentSince >= silenceMs)
      return watched.onEnd(`it has not answered GET /ping for ${silenceMs / 1000} s`);
    const now = clock.now();
    if (health?.status === 'HealthyBusy') busyUntil = now;
    const stated = clock.at(health?.lastUpdate ?? 0);
    const since = Math.max(watched.lastUsed(), busyUntil, Math.min(stated, now));
    const left = health?.status === 'HealthyBusy' ? idleMs : since + idleMs - now;
    if (left <= 0) return watched.onEnd(`it was idle for ${idleMs / 1000} s`);
    pause = Math.min(interval, left);
  }
}
