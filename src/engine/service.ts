import type * as data from '@aws-sdk/client-bedrock-agentcore';
import type * as control from '@aws-sdk/client-bedrock-agentcore-control';

type Commands = Omit<typeof control, keyof typeof data> & typeof data;

type CommandOf<Name extends string> = `${Name}Command` extends keyof Commands
  ? Commands[`${Name}Command`] extends new (
      ...input: infer Inputs extends [unknown?]
    ) => { resolveMiddleware(...args: never[]): (...args: never[]) => Promise<{ output: infer Output }> }
    ? { input: NonNullable<Inputs[0]>; output: Output }
    : never
  : never;

/** The name of an AgentCore operation of either plane, e.g. `StartCodeInterpreterSession`. */
export type OperationName = Exclude<
  keyof Commands extends infer Key ? (Key extends `${infer Name}Command` ? Name : never) : never,
  '$'
>;

/** An operation's modelled input, as the AWS SDK types it. */
export type InputOf<Name extends OperationName> = CommandOf<Name>['input'];

/** An operation's modelled output, as the AWS SDK types it, without the SDK's own `$metadata`. */
export type OutputOf<Name extends OperationName> = Omit<CommandOf<Name>['output'], '$metadata'>;

/** Whose state a call sees. State is separate per account and region. */
export interface Scope {
  /** 12 digits. */
  account: string;
  /** E.g. `us-east-1`, from the credential scope of the request. */
  region: string;
}

/** What a handler knows about the call it answers, besides the input. */
export interface Call extends Scope {
  requestId: string;
  /** Aborts when the client goes away before the answer is complete. */
  signal: AbortSignal;
  /** The wall-clock limit the caller asked for, in milliseconds, when it asked for one. */
  timeoutMs?: number;
}

/**
 * Answers one operation. Input has passed the model's constraints. Modelled errors are thrown as the SDK's own
 * exception classes; anything else thrown is answered as InternalServerException and logged.
 */
export type Handler<Name extends OperationName> = (
  input: InputOf<Name>,
  call: Call,
) => Promise<OutputOf<Name>>;

/** What a service offers: a handler for each operation it really answers. */
export type Handlers = { readonly [Name in OperationName]?: Handler<Name> };

/** A part of the local AgentCore. */
export interface Service {
  readonly handlers: Handlers;
  /** How many sessions or tasks keep the engine alive. */
  live(): number;
  /** Forgets what is too old; called once a day. */
  sweep?(): void;
  /** Ends everything the service runs; called once, before the store closes. */
  close(): Promise<void>;
}
