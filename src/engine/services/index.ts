import type { Duplex } from 'node:stream';
import type { BrowserProvider } from '../browser/browser.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Embedder } from '../models/embeddings/embedder.ts';
import type { LanguageModel } from '../models/model.ts';
import type { SandboxProvider } from '../sandbox/sandbox.ts';
import type { ApiHandlers, ApiName, Call, Service } from '../service.ts';
import { StoreError } from '../store/errors.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';
import { createBedrockRuntime } from './bedrock-runtime/index.ts';
import { createBrowser } from './browser/index.ts';
import { createCodeInterpreter } from './code-interpreter/index.ts';
import { internal } from './exceptions.ts';
import type { Idempotency } from './idempotency.ts';
import { createLogs } from './logs/index.ts';
import { createMemory } from './memory/index.ts';
import type { Objects } from './objects/object-store.ts';
import type { ObjectSource } from './objects/objects.ts';
import { createRuntime } from './runtime/index.ts';
import { createSecretsManager } from './secrets/index.ts';
import { SecretStore } from './secrets/secret-store.ts';
import { createTagging, type Tags } from './tags.ts';

/** How agents run, and what code reaches that may reach anything. */
export interface AgentSettings {
  /** Hosts that sandboxes with a way out may reach although their addresses are private, as `name`, `*.domain`, `address` or `network/bits`. */
  allowHosts: readonly string[];
  /** Refuse a runtime whose very version this machine does not have. */
  strictRuntime: boolean;
}

/** How browser sessions run. */
export interface BrowserSettings {
  /** Hosts that pages may reach although their addresses are private, in the forms of {@link AgentSettings.allowHosts}. */
  allowHosts: readonly string[];
  /** Hosts that pages may not reach, in the same forms; what is on both lists is blocked. */
  blockHosts: readonly string[];
  /** The program to use. Default: the first Chromium, Chrome or Edge that is found. */
  path?: string | undefined;
}

/** What sandboxes reach of the engine. */
export interface Doors {
  /** Hands a connection to the engine's own HTTP server. */
  engine(socket: Duplex): void;
  /** Where that server listens on 127.0.0.1. */
  port(): number;
  /** The key pair of an account. */
  credentials(account: string): { accessKeyId: string; secretAccessKey: string };
}

/** What services are made from. */
export interface ServiceParts {
  store: Store;
  sandboxes: SandboxProvider;
  browsers: BrowserProvider;
  idempotency: Idempotency;
  tags: Tags;
  log: Log;
  /** For every time that users see; a test may move it. */
  clock: Clock;
  /** Where services keep what is no row. */
  dataDir: string;
  doors: Doors;
  seal: Seal;
  agents: AgentSettings;
  browser: BrowserSettings;
  /** None where the user has configured none. */
  model: LanguageModel | undefined;
  /** What memory is searched with. */
  embedder: Embedder;
  /** Where the code of agents is taken from. */
  objects: ObjectSource;
  /** The engine's own S3. */
  ownObjects: Objects;
}

/** Every service of the local AgentCore, to be closed from the last to the first. */
export function createServices(parts: ServiceParts): Service[] {
  const logs = createLogs(parts);
  const secrets = new SecretStore(parts);
  return [
    logs.service,
    createSecretsManager(secrets),
    createTagging(parts.tags),
    createCodeInterpreter(parts),
    createBrowser({ ...parts, secrets }),
    createBedrockRuntime(parts),
    createMemory(parts),
    createRuntime({ ...parts, logs: logs.store }),
  ];
}

type AnyHandler = (input: unknown, call: Call) => Promise<unknown>;

/**
 * What services answer together, of each API. A database that cannot be used, for want of disk space for example, is
 * answered in its own words.
 * @throws Error when two services answer the same operation.
 */
export function mergeHandlers(services: readonly Service[], log: Log): ApiHandlers {
  const merged: Partial<Record<ApiName, Record<string, AnyHandler>>> = {};
  for (const [api, handlers] of services.flatMap(({ handlers }) => Object.entries(handlers))) {
    const explained = Object.entries(handlers as Record<string, AnyHandler>).map(
      ([name, handler]) => [name, explainingStore(name, handler, log)] as const,
    );
    merged[api as ApiName] = addEach(merged[api as ApiName] ?? {}, explained, 'answer');
  }
  return merged as ApiHandlers;
}

/**
 * Who lets in bearers of a token, over all services.
 * @throws Error when two services do so for the same operation.
 */
export function mergeBearers(services: readonly Service[]): NonNullable<Service['bearer']> {
  return addEach(
    {},
    services.flatMap(({ bearer = {} }) => Object.entries(bearer)),
    'let bearers in to',
  );
}

/**
 * Who opens WebSockets, over all services.
 * @throws Error when two services do so at the same path.
 */
export function mergeSockets(services: readonly Service[]): NonNullable<Service['sockets']> {
  return addEach(
    {},
    services.flatMap(({ sockets = {} }) => Object.entries(sockets)),
    'open',
  );
}

/**
 * Who shows pages, over all services.
 * @throws Error when two services do so at the same path.
 */
export function mergePages(services: readonly Service[]): NonNullable<Service['pages']> {
  return addEach(
    {},
    services.flatMap(({ pages = {} }) => Object.entries(pages)),
    'show',
  );
}

/**
 * What everybody may read, over all services.
 * @throws Error when two services have a document at the same path.
 */
export function mergeDocuments(services: readonly Service[]): NonNullable<Service['documents']> {
  return addEach(
    {},
    services.flatMap(({ documents = {} }) => Object.entries(documents)),
    'have a document at',
  );
}

function addEach<T>(
  all: Record<string, T>,
  more: readonly (readonly [string, T])[],
  verb: string,
): Record<string, T> {
  for (const [name, value] of more) {
    if (name in all) throw new Error(`Two services ${verb} ${name}.`);
    all[name] = value;
  }
  return all;
}

function explainingStore(name: string, handler: AnyHandler, log: Log): AnyHandler {
  return async (input, call) => {
    try {
      return await handler(input, call);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error(`${name} failed on the store`, { requestId: call.requestId, error });
      throw internal(error.message);
    }
  };
}
