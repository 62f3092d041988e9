import { randomBytes } from 'node:crypto';
import type { Scope } from '../service.ts';
import { WireError } from './errors.ts';

const LIFE_MS = 5 * 60_000;

interface Ticket {
  path: string;
  scope: Scope;
  /** By the clock of {@link Tickets}. */
  end: number;
}

/** Tickets of pages, each good once, for a while, for one path and as one caller. */
export class Tickets {
  readonly #open = new Map<string, Ticket>();
  readonly #now: () => number;

  /** @param now A clock in milliseconds. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** @param path Percent-encoded. */
  issue(path: string, scope: Scope): string {
    this.#forgetOld();
    const ticket = randomBytes(24).toString('base64url');
    this.#open.set(ticket, { path, scope, end: this.#now() + LIFE_MS });
    return ticket;
  }

  /** @throws WireError 403 where it is no ticket for this path, any more. */
  redeem(ticket: string, path: string): Scope {
    this.#forgetOld();
    const known = this.#open.get(ticket);
    if (known?.path !== path) {
      throw new WireError(
        'AccessDeniedException',
        403,
        'The ticket is not for this place, was used, or is too old. Open the page anew with a fresh link.',
      );
    }
    this.#open.delete(ticket);
    return known.scope;
  }

  /** They are in the order of their ends. */
  #forgetOld(): void {
    const now = this.#now();
    for (const [ticket, { end }] of this.#open) {
      if (end > now) return;
      this.#open.delete(ticket);
    }
  }
}
