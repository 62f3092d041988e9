import type { Operation } from '../engine/wire/operations.ts';

/** What a call does to the world. */
export type Effect = 'read' | 'write' | 'destructive' | 'execute';

/** Operations whose name would mislead, each with the reason. Reviewed whenever the SDK gains operations. */
const exceptions: Readonly<Record<string, { kind: Effect; why: string }>> = {
  GetAgentCard: { kind: 'execute', why: 'starts the agent to ask it' },
  GetResourceApiKey: { kind: 'write', why: 'hands out a secret' },
  GetResourceOauth2Token: { kind: 'write', why: 'hands out a token, may start a consent' },
  GetResourcePaymentToken: { kind: 'write', why: 'hands out a token' },
  GetWorkloadAccessToken: { kind: 'write', why: 'hands out a token' },
  GetWorkloadAccessTokenForJWT: { kind: 'write', why: 'hands out a token' },
  GetWorkloadAccessTokenForUserId: { kind: 'write', why: 'hands out a token' },
  ProcessPayment: { kind: 'destructive', why: 'spends money' },
  RotatePaymentConnectorCredentials: { kind: 'destructive', why: 'the old credentials end' },
};

const reading = /^(?:Get|List|Retrieve|Search)(?=[A-Z])/;
const destroying = /^(?:Batch)?(?:Delete|Stop|Untag)(?=[A-Z])/;
/** Evaluate changes nothing, but has a model or a function judge, which costs money. */
const executing = /^(?:Invoke(?=[A-Z])|Evaluate$)/;

/** Whether an operation, named by itself or by its SDK command, runs something that should not run twice unasked. */
export function runsSomething(name: string): boolean {
  const operation = name.replace(/Command$/, '');
  return exceptions[operation]?.kind === 'execute' || executing.test(operation);
}

/**
 * What an operation does, from its name, its HTTP method and whether it takes an idempotency token (which only
 * changes need). What is not clearly a read counts as a write.
 */
export function kindOf({ name, method, input }: Operation): Effect {
  const exception = exceptions[name];
  if (exception) return exception.kind;
  if (destroying.test(name)) return 'destructive';
  if (runsSomething(name)) return 'execute';
  const takesToken = [...input.structIterator()].some(([, member]) => member.isIdempotencyToken());
  return reading.test(name) && (method === 'GET' || method === 'POST') && !takesToken ? 'read' : 'write';
}
