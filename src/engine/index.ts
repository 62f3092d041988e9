import { createBrowsers } from './browser/sandboxed.ts';
import { Clock } from './clock.ts';
import { type Log, silentLog } from './log.ts';
import { createEmbedder } from './models/embeddings/index.ts';
import { createModel } from './models/index.ts';
import { RenewableContents } from './process/contents.ts';
import { openHome } from './process/home.ts';
import type { Engine } from './process/local-engine.ts';
import { LocalEngine } from './process/local-engine.ts';
import { LoopbackServer } from './process/loopback-server.ts';
import type { ServiceSettings } from './process/settings.ts';
import { Teardown } from './process/teardown.ts';
import { createSandboxes } from './sandbox/index.ts';
import type { Limits } from './sandbox/sandbox.ts';
import { withSpares } from './sandbox/spares.ts';
import type { Service } from './service.ts';
import { type AgentSettings, createServices, type ServiceParts } from './services/index.ts';
import type { Objects } from './services/objects/object-store.ts';
import type { ObjectSource } from './services/objects/objects.ts';
import { remoteObjects } from './services/objects/remote.ts';

export type { Clock } from './clock.ts';
export { type FaultReport, type FaultRule, FaultRuleError } from './faults/index.ts';
export { createLog, type Log } from './log.ts';
export type { EmbeddingSettings } from './models/embeddings/embedder.ts';
export type { ModelSettings } from './models/model.ts';
export { type Credentials, defaultAccount, defaultRegion } from './process/keys.ts';
export type { Engine } from './process/local-engine.ts';
export { DataDirTakenError } from './process/lock.ts';
export { type EnsureOptions, ensureEngine, findEngine, type RunningEngine, stopEngine } from './process.ts';
export { StoreError } from './store/errors.ts';
export type { AgentSettings, Service, ServiceParts, ServiceSettings };

const END_SERVICES_MS = 60_000;
const DRAIN_MS = 2_000;

export interface EngineOptions extends ServiceSettings {
  /** Where the engine keeps everything. Without one it works in a temporary folder that is removed at the end. */
  dataDir?: string;
  /** Port on 127.0.0.1; 0 for any free one. Default: the one this data directory had last, or any free one. */
  port?: number;
  /** Listen with TLS as well, on another port of 127.0.0.1. */
  tls?: boolean;
  /** The port for that; as `port`. */
  tlsPort?: number;
  /** `none` lets every caller in that is not a browser; for test rigs. Default `sigv4`. */
  auth?: 'sigv4' | 'none';
  /** End after this many seconds without sessions, tasks and requests. Default: never. */
  idleSeconds?: number;
  limits?: Partial<Limits>;
  /** The Python interpreter for code sessions. */
  python?: string;
  log?: Log;
  /** What the engine offers. Default: every service of the local AgentCore. */
  services?: (parts: ServiceParts) => Service[];
}

/**
 * Starts an engine in this process and makes it the one of its data directory.
 * @throws DataDirTakenError when another engine has the data directory.
 * @throws StoreError when its database cannot be used. Error when the directory or the port cannot be.
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const teardown = new Teardown(options.log ?? silentLog);
  try {
    return await start(options, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start(options: EngineOptions, teardown: Teardown): Promise<Engine> {
  const { log = silentLog, auth = 'sigv4', idleSeconds, limits, python, spares } = options;
  const home = await openHome(options.dataDir, teardown);
  const server = new LoopbackServer();
  const clock = new Clock();
  const sandboxes = withSpares(createSandboxes({ limits, python }), { spares });
  const model = options.model && createModel(options.model);
  const embedder = createEmbedder(options.embedding ?? { provider: 'local' }, { log });
  const browsers = createBrowsers({ sandboxes, path: options.browser?.path, spares });
  let contents: RenewableContents | undefined;
  teardown.add('Closing the store', () => contents?.current.store.close());
  teardown.add('Closing connections', () => server.drain(DRAIN_MS));
  teardown.add('Ending sandboxes', () => sandboxes.close());
  teardown.add('Closing the embedding model', () => embedder.close());
  contents = new RenewableContents({
    ...{ log, clock, sandboxes, model, embedder, dataDir: home.dataDir, ephemeral: home.ephemeral },
    doors: {
      engine: (socket) => server.adopt(socket),
      port: () => server.port,
      credentials: home.keys.credentials,
    },
    browsers,
    seal: home.keys.seal,
    agents: { allowHosts: [], strictRuntime: false, ...options.agents },
    browser: { allowHosts: [], blockHosts: [], ...options.browser },
    codeSource: (objects) => codeSource(options.s3Url, server, objects),
    create: options.services ?? createServices,
  });
  teardown.add('Ending browsers', () => browsers.close());
  teardown.add('Ending services', () => contents?.end(), END_SERVICES_MS);
  const port = await server.listen(contents.current.store, options.port);
  teardown.add('Refusing requests', () => server.refuse());
  const tls = options.tls ? await openTls(home.dataDir, { server, log, teardown }) : undefined;
  await tls?.listen(contents.current.store, options.tlsPort);

  const engine = new LocalEngine({
    ...{ home, server, tls, contents, clock, port, auth, teardown, log },
    settings: options,
    model: model?.name,
    embedder: embedder.name,
  });
  server.serve(engine.listeners());
  engine.watch(idleSeconds);
  return engine.handle();
}

async function openTls(
  dataDir: string,
  { server, log, teardown }: { server: LoopbackServer; log: Log; teardown: Teardown },
) {
  // X.509 takes a while to load, and few engines need it.
  const { TlsDoor } = await import('./process/tls/tls-door.ts');
  const tls = new TlsDoor({ dataDir, log, onConnection: (connection) => server.take(connection) });
  teardown.add('Closing the TLS listener', () => tls.close());
  return tls;
}

/** The user's S3, or the engine's own, which the variable for it may name as well. */
function codeSource(s3Url: string | undefined, server: LoopbackServer, objects: Objects): ObjectSource {
  if (s3Url === undefined) return objects;
  const remote = remoteObjects(s3Url);
  return { read: (...named) => (server.isAt(s3Url) ? objects : remote).read(...named) };
}
