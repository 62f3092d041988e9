import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { programVersion } from '../../platform/version.ts';
import type { Clock } from '../clock.ts';
import { Faults } from '../faults/index.ts';
import type { Log } from '../log.ts';
import { engineInside } from '../service.ts';
import { mergeBearers, mergeDocuments, mergeHandlers, mergePages, mergeSockets } from '../services/index.ts';
import { signingNames } from '../wire/apis.ts';
import { headerValues } from '../wire/canonical.ts';
import { isEncrypted } from '../wire/foreign.ts';
import { s3NoAuth, s3SigV4 } from '../wire/s3/authenticate.ts';
import { createS3Listener } from '../wire/s3/listener.ts';
import { createWire, type Wire } from '../wire/server.ts';
import { noAuth, sigV4 } from '../wire/signature.ts';
import type { Contents, RenewableContents } from './contents.ts';
import { controlPath, withControlRoutes } from './control-http.ts';
import { Controls } from './controls.ts';
import { withEngineRoutes } from './engine-http.ts';
import type { Introduction } from './handshake.ts';
import type { Home } from './home.ts';
import { type Credentials, defaultAccount, defaultRegion } from './keys.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { type EngineRecord, readRecord, writeRecord } from './record.ts';
import { type ServiceSettings, settingsMark } from './settings.ts';
import type { Teardown } from './teardown.ts';
import type { Trust } from './tls/authority.ts';
import { tlsHosts } from './tls/names.ts';
import type { TlsDoor } from './tls/tls-door.ts';

/** An engine in this process. */
export interface Engine extends EngineRecord, Pick<Controls, 'reset' | 'clock' | 'faults'> {
  readonly dataDir: string;
  /** Resolves with the reason, in words, once the engine has ended for whatever reason. Never rejects. */
  readonly ended: Promise<string>;
  /** Where it listens with TLS, if it does, and what clients trust it by. */
  readonly tls?: Trust & { url: string };
  /** How many sessions and tasks it has. */
  live(): number;
  /**
   * The key pair of an account; the default account's without one.
   * @throws RangeError when `account` is not a number of 12 digits.
   */
  credentials(account?: string): Credentials;
  /** Where tests reach {@link Controls} over HTTP, on an engine without a data directory of its user's. */
  readonly controlUrl?: string;
  /** The bearer token for it. */
  readonly controlToken?: string;
  /** Ends every session, closes the store and lets go of the data directory; idempotent. */
  close(reason?: string): Promise<void>;
}

interface EngineParts {
  home: Home;
  server: LoopbackServer;
  tls: TlsDoor | undefined;
  contents: RenewableContents;
  clock: Clock;
  port: number;
  auth: 'sigv4' | 'none';
  teardown: Teardown;
  log: Log;
  /** What it was started with. */
  settings: ServiceSettings;
  /** The name of the language model. */
  model: string | undefined;
  /** The name of the embedding model. */
  embedder: string;
}

const WATCH_MS = 5_000;
/** Room for a file of 100 MB in base64. */
const MAX_BODY_BYTES = 140 * 1024 * 1024;

const hostOf = ({ rawHeaders }: IncomingMessage) => headerValues(rawHeaders).get('host')?.[0];

/** What makes an engine of its parts. */
export class LocalEngine {
  readonly record: EngineRecord;
  readonly ended: Promise<string>;
  readonly #parts: EngineParts;
  readonly #faults = new Faults();
  readonly #controls: Controls;
  readonly #control: { controlUrl: string; controlToken: string } | undefined;
  readonly #sayEnded: (reason: string) => void;
  #wire: { contents: Contents; wire: Wire };

  constructor(parts: EngineParts) {
    const { home, contents, clock, port } = parts;
    this.#parts = parts;
    ({ promise: this.ended, resolve: this.#sayEnded } = Promise.withResolvers<string>());
    this.record = {
      url: `http://127.0.0.1:${port}`,
      version: programVersion,
      storeVersion: contents.current.store.version,
      generation: home.generation,
      pid: process.pid,
      startedAt: new Date().toISOString(),
    };
    this.#controls = new Controls({
      isForTests: home.ephemeral,
      clock,
      faults: this.#faults,
      reset: () => this.#reset(),
    });
    this.#control = home.ephemeral
      ? {
          controlUrl: `${this.record.url}${controlPath}`,
          controlToken: randomBytes(32).toString('base64url'),
        }
      : undefined;
    this.#wire = this.#createWire();
  }

  /** What embedders hold of it. */
  handle(): Engine {
    const { home, tls } = this.#parts;
    const { keys, dataDir } = home;
    const { reset, clock, faults } = this.#controls;
    return {
      ...this.record,
      ...this.#control,
      ...(tls && { tls: { url: `https://localhost:${tls.port}`, ...tls.trust } }),
      ...{ reset, clock, faults },
      dataDir,
      ended: this.ended,
      live: () => this.live(),
      credentials: keys.credentials,
      close: (reason) => this.close(reason),
    };
  }

  live(): number {
    return this.#parts.contents.current.services.reduce((sum, service) => sum + service.live(), 0);
  }

  async close(reason = 'closed'): Promise<void> {
    await this.#parts.teardown.run();
    this.#parts.log.info(`The engine has ended: ${reason}`);
    this.#sayEnded(reason);
  }

  /** Answers the operations of every API, and the engine's own routes where a request does not come from a sandbox. */
  listeners(): Wire {
    const { home, contents, server } = this.#parts;
    const { keys } = home;
    const settings = settingsMark(this.#parts.settings, keys);
    const introduce = (): Introduction => ({
      ...this.record,
      live: this.live(),
      settings,
      model: this.#parts.model,
      embedder: this.#parts.embedder,
    });
    const idle = () => this.live() === 0 && server.openRequests <= 1;
    const stop = () => void this.close('asked to stop');
    const { hosts, isInner } = this.#callers();
    const routes = { keys, hosts, isInner, introduce, idle, stop };
    const control = { token: this.#control?.controlToken, controls: this.#controls, hosts, isInner };
    const request: RequestListener = async (...exchange) => {
      await contents.settled();
      this.#wireOfNow().request(...exchange);
    };
    return {
      request: withEngineRoutes(routes, withControlRoutes(control, request)),
      upgrade: (...exchange) => this.#wireOfNow().upgrade(...exchange),
    };
  }

  /** Who reaches it by which Host headers. */
  #callers() {
    const { server, tls, port } = this.#parts;
    const own = `127.0.0.1:${port}`;
    const isInner = (request: IncomingMessage) => server.isAdopted(request.socket);
    const hosts = (request: IncomingMessage) => {
      if (tls && isEncrypted(request)) return tlsHosts(tls.port, hostOf(request));
      return isInner(request) ? [engineInside, own] : [own, `localhost:${port}`];
    };
    return { hosts, isInner };
  }

  /** A reset has left the last one without services. */
  #wireOfNow(): Wire {
    if (this.#wire.contents !== this.#parts.contents.current) this.#wire = this.#createWire();
    return this.#wire.wire;
  }

  #createWire(): { contents: Contents; wire: Wire } {
    const { home, contents, auth, log } = this.#parts;
    const { services, objects } = contents.current;
    const { secretFor } = home.keys;
    const { hosts, isInner } = this.#callers();
    const anybody = { account: defaultAccount, region: defaultRegion };
    const handlers = mergeHandlers(services, log);
    const wire = createWire({
      handlers: home.ephemeral ? this.#faults.into(handlers) : handlers,
      bearer: mergeBearers(services),
      sockets: mergeSockets(services),
      pages: mergePages(services),
      documents: mergeDocuments(services),
      s3: createS3Listener({
        objects,
        authenticate: auth === 'none' ? s3NoAuth(anybody) : s3SigV4({ secretFor }),
        hosts,
        log,
      }),
      authenticate: auth === 'none' ? noAuth(anybody) : sigV4({ secretFor, services: signingNames }),
      hosts,
      isInner,
      maxBodyBytes: MAX_BODY_BYTES,
      log,
    });
    return { contents: contents.current, wire };
  }

  /** An engine that cannot begin anew ends. */
  async #reset(): Promise<void> {
    this.#faults.clear();
    try {
      await this.#parts.contents.renew();
    } catch (error) {
      void this.close(`it could not be reset: ${(error as Error).message}`);
      throw error;
    }
  }

  /** Shows itself to clients from now on; ends when nobody uses it for a while or its data directory is gone. */
  watch(idleSeconds = Number.POSITIVE_INFINITY): void {
    const { home, server, teardown } = this.#parts;
    const idleMs = idleSeconds * 1000;
    const look = () => {
      if (!home.lock.holds()) return void this.close('its data directory was removed');
      if (this.live() === 0 && server.idleMs >= idleMs)
        return void this.close(`not used for ${idleSeconds} s`);
      if (readRecord(home.dataDir)?.generation !== this.record.generation)
        writeRecord(home.dataDir, this.record);
    };
    look();
    const timer = setInterval(look, Math.min(WATCH_MS, idleMs / 4));
    timer.unref();
    teardown.add('Ending the watch', () => clearInterval(timer));
  }
}
