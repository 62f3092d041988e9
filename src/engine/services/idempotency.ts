import { createHash } from 'node:crypto';
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
  readonly #running = new Map<string, { fingerprint: string; result: Promise<unknown> }>();

  constructor({ store, log }: { store: Store; log: Log }) {
    this.#remembered = store.documents<Remembered>('idempotency');
    this.#log = log;
    this.sweep();
  }

  /** Forgets the tokens that are too old. */
  sweep(): void {
    for (const { scope, id, document } of this.#remembered.all()) {
      if (isForgotten(document)) this.#remembered.delete(scope, id);
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
    if (known && !isForgotten(known)) {
      if (known.fingerprint !== fingerprint) throw mismatch(clientToken);
      return (await known.result) as T;
    }
    const result = work();
    this.#running.set(key, { fingerprint, result });
    try {
      this.#remember(scope, id, { fingerprint, result: await result, at: Date.now() });
      return await result;
    } finally {
      this.#running.delete(key);
    }
  }

  #remember(scope: Scope, id: string, remembered: Remembered): void {
    try {
      this.#remembered.put(scope, id, remembered);
    } catch (error) {
      this.#log.error(`The result of ${id} is not remembered; asked again, it is done again`, { error });
    }
  }
}

function isForgotten({ at = Date.now() }: Partial<Remembered>): boolean {
  return at < Date.now() - RETENTION_MS;
}

function mismatch(clientToken: string) {
  return invalid(
    'clientToken',
    `The client token ${clientToken} was used before with other parameters. Use a new token for a new request.`,
    'IdempotentParameterMismatchException',
  );
}
