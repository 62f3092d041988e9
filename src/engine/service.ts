import type { Duplex } from 'node:stream';
import type * as data from '@aws-sdk/client-bedrock-agentcore';
import type * as control from '@aws-sdk/client-bedrock-agentcore-control';
import type * as bedrock from '@aws-sdk/client-bedrock-runtime';
import type * as logs from '@aws-sdk/client-cloudwatch-logs';
import type * as secrets from '@aws-sdk/client-secrets-manager';

/** The APIs that the engine speaks by their SDKs' schemas: AgentCore's two planes together, and what agents need besides. */
export interface Apis {
  agentcore: Omit<typeof control, keyof typeof data> & typeof data;
  /** Bedrock Runtime. */
  bedrock: typeof bedrock;
  /** CloudWatch Logs. */
  logs: typeof logs;
  /** Secrets Manager. */
  secrets: typeof secrets;
}

export type ApiName = keyof Apis;

type CommandOf<Api extends ApiName, Name extends string> = `${Name}Command` extends keyof Apis[Api]
  ? Apis[Api][`${Name}Command`] extends new (
      ...input: infer Inputs extends [unknown?]
    ) => { resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer Output }> }
    ? { input: NonNullable<Inputs[0]>; output: Output }
    : never
  : never;

/** The name of an operation, of AgentCore unless told otherwise, e.g. `StartCodeInterpreterSession`. */
export type OperationName<Api extends ApiName = 'agentcore'> = Exclude<
  keyof Apis[Api] extends infer Key ? (Key extends `${infer Name}Command` ? Name : never) : never,
  '$'
>;

/** An operation's modelled input, as the AWS SDK types it. */
export type InputOf<Name extends OperationName<Api>, Api extends ApiName = 'agentcore'> = CommandOf<
  Api,
  Name
>['input'];

/** An operation's modelled output, as the AWS SDK types it, without the SDK's own `$metadata`. */
export type OutputOf<Name extends OperationName<Api>, Api extends ApiName = 'agentcore'> = Omit<
  CommandOf<Api, Name>['output'],
  '$metadata'
>;

/** Whose state a call sees. State is separate per account and region. */
export interface Scope {
  /** 12 digits. */
  account: string;
  /** E.g. `us-east-1`, from the credential scope of the request. */
  region: string;
}

/** What a bearer token proved about its holder. */
export interface Bearer {
  token: string;
  claims: Readonly<Record<string, unknown>>;
}

/** What a handler knows about the call it answers, besides the input. */
export interface Call extends Scope {
  requestId: string;
  /** Aborts when the client goes away before the answer is complete. */
  signal: AbortSignal;
  /** The wall-clock limit the caller asked for, in milliseconds, when it asked for one. */
  timeoutMs?: number;
  /** Every header of the request, by its name in lower case, also those the model does not know. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** By which the caller reached the engine, e.g. `http://127.0.0.1:4000`. */
  origin: string;
  /** Set where the caller came with a bearer token instead of a signature. */
  bearer?: Bearer;
  /** Set where the call comes from inside a sandbox: from code that nobody vouches for, whose account it has. */
  inner?: true;
  /** Adds a header to the answer that the model does not have. */
  setHeader?(name: string, value: string): void;
}

/**
 * Answers one operation. Input has passed the model's constraints. Modelled errors are thrown as the SDK's own
 * exception classes; anything else thrown is answered as InternalServerException and logged.
 */
export type Handler<Name extends OperationName<Api>, Api extends ApiName = 'agentcore'> = (
  input: InputOf<Name, Api>,
  call: Call,
) => Promise<OutputOf<Name, Api>>;

/** What a service offers of an API: a handler for each operation it really answers. */
export type Handlers<Api extends ApiName = 'agentcore'> = {
  readonly [Name in OperationName<Api>]?: Handler<Name, Api>;
};

/** What services offer of each API. */
export type ApiHandlers = { readonly [Api in ApiName]?: Handlers<Api> };

/** A request that came with `Authorization: Bearer` and not with a signature. */
export interface BearerRequest {
  /** Its name; for a WebSocket the template of its path. */
  operation: string;
  /** The labels of the path, decoded. */
  labels: Readonly<Record<string, string>>;
  /** The first value of each. */
  query: Readonly<Record<string, string>>;
  /** Every header of the request, by its name in lower case. `host` is one that leads to the engine. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** By which the caller reached the engine, e.g. `http://127.0.0.1:4000`. */
  origin: string;
  /** Empty where the request has neither a token nor a signature: it is to be refused, with the challenge. */
  token: string;
}

/** A request for a document that everybody may read. */
export type DocumentRequest = Pick<BearerRequest, 'labels' | 'query' | 'headers' | 'origin'>;

/** A refusal of a bearer token. */
export class BearerRefusal extends Error {
  override readonly name = 'BearerRefusal';
  readonly status: 401 | 403;
  /** For the header `WWW-Authenticate`. */
  readonly challenge: string | undefined;

  constructor(status: 401 | 403, message: string, challenge?: string) {
    super(message);
    this.status = status;
    this.challenge = challenge;
  }
}

/** A WebSocket or a page that a client wants to open. */
export interface VisitRequest {
  /** The labels of the path, decoded. */
  labels: Readonly<Record<string, string>>;
  /** The first value of each. */
  query: Readonly<Record<string, string>>;
  call: Call;
  /**
   * Makes a ticket, good once and for five minutes: for its sake a page of the engine's own may open the WebSocket at
   * this same path, as this same caller, with `?agentcore-ticket=` and no signature.
   */
  ticket(): string;
}

/** Where a WebSocket goes on: a connection to an HTTP server, which is asked to upgrade it. It lives as long as `stream`. */
export interface Tunnel {
  stream: Duplex;
  /** The path to ask for there, e.g. `/ws`. */
  path: string;
  /** Headers for it, besides those of the WebSocket handshake itself. */
  headers: Readonly<Record<string, string>>;
  /** Headers for the client, besides the server's own. */
  answerHeaders?: Readonly<Record<string, string>>;
  /** The modelled exception for a server that does not upgrade; `reason` says why, as in `no answer for 10 seconds`. */
  refusal(reason: string): Error;
}

/** A WebSocket that its service holds itself. */
export interface Held {
  /** Called once the WebSocket is open, if it ever is. */
  hold(channel: Channel): void;
}

/** An open WebSocket as messages. A client that is silent for a minute, not even answering pings, has gone. */
export interface Channel {
  /** A string goes as text, bytes as binary. Goes nowhere once the channel has ended. */
  send(message: string | Uint8Array): void;
  /** Bytes that were sent and have not left yet. */
  readonly buffered: number;
  /** Hears every message of at most 1 MiB; a larger one ends the channel. */
  onMessage(listener: (message: string | Uint8Array) => void): void;
  /** @param code 1000, or one of 4000 to 4999. */
  close(code?: number, reason?: string): void;
  /** Resolves when either side has ended it, or it broke. */
  readonly ended: Promise<void>;
}

/** Writes a page as HTML. What of it is script or style must carry the nonce; nothing else runs, and nothing is loaded. */
export type Page = (nonce: string) => string;

/** The port inside sandboxes that leads to the engine, whatever its own port is. */
export const enginePortInside = 4510;

/** Where sandboxes find the engine, as their Host header says; what comes in there is given to the HTTP server. */
export const engineInside = `127.0.0.1:${enginePortInside}`;

/** The services that the engine answers, as the AWS SDKs name them in `AWS_ENDPOINT_URL_*`. */
export const endpointNames = [
  'BEDROCK_AGENTCORE',
  'BEDROCK_AGENTCORE_CONTROL',
  'BEDROCK_RUNTIME',
  'CLOUDWATCH_LOGS',
  'S3',
  'SECRETS_MANAGER',
] as const;

/** A part of the local AgentCore. */
export interface Service {
  readonly handlers: ApiHandlers;
  /**
   * Lets in the holder of a bearer token, for the operations named, and for WebSockets by the template of their path.
   * What nobody names takes signatures only.
   * @throws BearerRefusal, or a modelled exception.
   */
  readonly bearer?: {
    readonly [Name in OperationName | `/${string}`]?: (
      request: BearerRequest,
    ) => Promise<{ scope: Scope; bearer: Bearer }>;
  };
  /** WebSockets by the template of their path, e.g. `/runtimes/{agentRuntimeArn}/ws`. Modelled exceptions refuse. */
  readonly sockets?: Readonly<Record<string, (request: VisitRequest) => Promise<Tunnel | Held>>>;
  /**
   * Pages for people, by the template of their path. A signature lets in, as with any call; a browser is let in only where
   * it opens a presigned link. Modelled exceptions refuse.
   */
  readonly pages?: Readonly<Record<string, (request: VisitRequest) => Promise<Page>>>;
  /**
   * JSON that everybody may read with GET, without any proof, by the template of its path. For what clients need before
   * they have a token. Modelled exceptions refuse.
   */
  readonly documents?: Readonly<Record<string, (request: DocumentRequest) => Promise<object>>>;
  /** How many sessions or tasks keep the engine alive. */
  live(): number;
  /** Forgets what is too old; called once a day. */
  sweep?(): void;
  /**
   * Ends everything the service runs; called once, before the store closes.
   * @param reason What calls that it ends are told. Default: the engine was shut down.
   */
  close(reason?: string): Promise<void>;
}
