import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../service.ts';
import { Idempotency } from '../services/idempotency.ts';
import type { ServiceParts } from '../services/index.ts';
import { Objects } from '../services/objects/object-store.ts';
import type { ObjectSource } from '../services/objects/objects.ts';
import { Tags } from '../services/tags.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { sweepDaily } from './sweeps.ts';
import { Teardown } from './teardown.ts';

/** What an engine has from one reset to the next: a store, and the services on it. */
export interface Contents {
  store: Store;
  objects: Objects;
  services: readonly Service[];
  /** Ends the services, for a reason that they tell; the store stays open for requests that are still answered. */
  end(reason?: string): Promise<void>;
}

export interface ContentsParts
  extends Omit<ServiceParts, 'store' | 'idempotency' | 'tags' | 'objects' | 'ownObjects'> {
  /** Whether the data directory goes away with the engine. */
  ephemeral: boolean;
  /** Where the code of agents comes from, given the engine's own objects. */
  codeSource(objects: Objects): ObjectSource;
  create(parts: ServiceParts): Service[];
}

const CLOSE_SERVICE_MS = 10_000;
const STORE = 'engine.db';
/** What belongs to the engine and not to its contents. */
const lasting = ['master.key', 'engine.lock', 'engine.json', 'ephemeral', 'tls'];

function openContents({ ephemeral, codeSource, create, ...parts }: ContentsParts): Contents {
  const { dataDir, log, clock } = parts;
  const teardown = new Teardown(log);
  const store = openStore(join(dataDir, STORE), { passing: ephemeral });
  try {
    const objects = new Objects(store, join(dataDir, 'objects'), clock);
    const idempotency = new Idempotency({ store, log, clock });
    const services = create({
      ...parts,
      store,
      idempotency,
      tags: new Tags(store),
      objects: codeSource(objects),
      ownObjects: objects,
    });
    let ending: string | undefined;
    for (const service of services)
      teardown.add('Closing a service', () => service.close(ending), CLOSE_SERVICE_MS);
    sweepDaily([idempotency, objects, ...services], { clock, teardown, log });
    const end = (reason?: string) => {
      ending = reason;
      return teardown.run();
    };
    return { store, objects, services, end };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The contents of an engine, in whose place a reset puts empty ones. */
export class RenewableContents {
  readonly #parts: ContentsParts;
  #current: Contents;
  #renewing: Promise<void> | undefined;
  #ended = false;

  /** @throws StoreError when the database cannot be used, and what services throw. */
  constructor(parts: ContentsParts) {
    this.#parts = parts;
    this.#current = openContents(parts);
  }

  get current(): Contents {
    return this.#current;
  }

  /** Resolves when no reset is under way. */
  async settled(): Promise<void> {
    await this.#renewing?.catch(() => {});
  }

  /**
   * Ends everything, removes it, sets the clock back to real time and begins anew, once for all who ask meanwhile.
   * @throws Error when the engine is closing, StoreError when no new database can be made.
   */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Ends the services for good. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.settled();
    await this.#current.end();
  }

  async #renew(): Promise<void> {
    if (this.#ended) throw new Error('The engine is closing. Start another one.');
    const { clock, dataDir } = this.#parts;
    await this.#current.end('the engine was reset');
    this.#current.store.close();
    wipe(dataDir);
    clock.reset();
    this.#current = openContents(this.#parts);
  }
}

function wipe(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!lasting.includes(name)) rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 3 });
  }
}
