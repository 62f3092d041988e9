import { createHash } from 'node:crypto';
import { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Scope } from '../service.ts';
import type { Store } from '../store/store.ts';
import { invalid } from './exceptions.ts';

/** How long a client token is remembered. AWS publishes no figure. */
const RETENTION_MS = 24 * 3600 * 1000;

interface Remembered {
  fingerprint: string;
  result: unknown;
  at: number;
}

/**
 * Makes calls that carry a client token happen once: the same token with the same parameters answers the first
 * result again, with other parameters it is refused, as AWS does. Results must be JSON.
 */
export class Idempotency {
  readonly #remembered;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #running = new Map<string, { fingerprint: string; result: Promise<unknown> }>();

  constructor({ store, log, clock = new Clock() }: { store: Store; log: Log; clock?: Clock }) {
    this.#remembered = store.documents<Remembered>('idempotency');
    this.#log = log;
    this.#clock = clock;
    this.sweep();
  }

  /** Forgets the tokens that are too old. */
  sweep(): void {
    for (const { scope, id, document } of this.#remembered.all()) {
      if (this.#isForgotten(document)) this.#remembered.delete(scope, id);
    }
  }

  /**
   * A result that cannot be stored is answered all the same: an error would make the caller do it again.
   * @throws ValidationException `IdempotentParameterMismatchException` when the token came with other parameters.
   */
  async once<T>(
    scope: Scope,
    operation: string,
    { clientToken, ...parameters }: { clientToken?: string | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    if (clientToken === undefined) return work();
    const id = `${operation}/${clientToken}`;
    const fingerprint = createHash('sha256').update(JSON.stringify(parameters)).digest('base64');
    const key = `${scope.account}/${scope.region}/${id}`;

    const known = this.#running.get(key) ?? this.#remembered.get(scope, id);
    if (known && !this.#isForgotten(known)) {
      if (known.fingerprint !== fingerprint) throw mismatch(clientToken);
      return (await known.result) as T;
    }
    const result = work();
    this.#running.set(key, { fingerprint, result });
    try {
      this.#remember(scope, id, { fingerprint, result: await result, at: this.#clock.now() });
      return await result;
    } finally {
      this.#running.delete(key);
    }
  }

  /** One that is still running is not. */
  #isForgotten({ at }: Partial<Remembered>): boolean {
    return at !== undefined && at < this.#clock.now() - RETENTION_MS;
  }

  #remember(scope: Scope, id: string, remembered: Remembered): void {
    try {
      this.#remembered.put(scope, id, remembered);
    } catch (error) {
      this.#log.error(`The result of ${id} is not remembered; asked again, it is done again`, { error });
    }
  }
}

function mismatch(clientToken: string) {
  return invalid(
    'clientToken',
    `The client token ${clientToken} was used before with other parameters. Use a new token for a new request.`,
    'IdempotentParameterMismatchException',
  );
}
