import { z } from 'zod';
import { nearest } from '../../platform/nearest.ts';
import type { ApiName } from '../service.ts';
import { loadApi } from '../wire/apis.ts';

/** What is to go wrong. */
export interface FaultRule {
  /** The name of an operation, e.g. `InvokeCodeInterpreter`; `*` for every operation that has such an error. */
  operation: string;
  /** A modelled exception of the operation's API, e.g. `ThrottlingException`. Without one a call is only delayed. */
  error?: string | undefined;
  /** Of the exception. */
  message?: string | undefined;
  /** How long a call waits before it fails or goes on, in milliseconds of real time; at most an hour. */
  delayMs?: number | undefined;
  /** How many calls it strikes. Default: all. */
  times?: number | undefined;
  /** How many calls go by before the first one that it may strike. Default 0. */
  after?: number | undefined;
  /** How likely it strikes a call, above 0 and up to 1. Default 1. */
  probability?: number | undefined;
}

/** Rules that cannot be followed; the message says which and why. */
export class FaultRuleError extends Error {
  override readonly name = 'FaultRuleError';
}

const MAX_DELAY_MS = 3_600_000;
const MAX_RULES = 100;

const rules = z
  .array(
    z
      .strictObject({
        operation: z.string(),
        error: z.string().optional(),
        message: z.string().max(2_000).optional(),
        delayMs: z.int().min(0).max(MAX_DELAY_MS).optional(),
        times: z.int().min(1).optional(),
        after: z.int().min(0).optional(),
        probability: z.number().gt(0).max(1).optional(),
      })
      .refine(({ error, delayMs }) => error !== undefined || delayMs !== undefined, {
        message: 'a rule needs an error, a delayMs, or both',
      })
      .refine(({ error, message }) => error !== undefined || message === undefined, {
        message: 'a message goes with an error',
      }),
  )
  .max(MAX_RULES);

/** An operation that can fail. */
export interface FallibleOperation {
  api: ApiName;
  name: string;
}

/** @throws FaultRuleError for what is no list of rules, and for names of operations and errors that are unknown. */
export async function checkRules(
  given: unknown,
  operations: readonly FallibleOperation[],
): Promise<FaultRule[]> {
  const { data, error } = rules.safeParse(given);
  if (!data) {
    const issues = error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`);
    throw new FaultRuleError(`These are no fault rules. ${issues.join('; ')}.`);
  }
  for (const [index, rule] of data.entries()) await checkNames(rule, `[${index}]`, operations);
  return data;
}

function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the list';
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
}

async function checkNames(
  { operation, error }: FaultRule,
  place: string,
  operations: readonly FallibleOperation[],
): Promise<void> {
  const meant = operations.filter(({ name }) => operation === '*' || operation === name);
  if (meant.length === 0) {
    const names = operations.map(({ name }) => name);
    throw unknown(`${place}.operation`, operation, 'operation of this engine', [...names, '*']);
  }
  if (error === undefined) return;
  const apis = await Promise.all(Array.from(new Set(meant.map(({ api }) => api)), loadApi));
  const known = apis.flatMap(({ errors }) => [...errors.keys()]);
  if (!known.includes(error)) throw unknown(`${place}.error`, error, `error of ${operation}`, known);
}

function unknown(place: string, given: string, what: string, known: readonly string[]): FaultRuleError {
  const meant = nearest(given, known) ?? nearest(`${given}Exception`, known);
  const hint = meant ? `Did you mean ${meant}?` : `There are ${[...new Set(known)].sort().join(', ')}.`;
  return new FaultRuleError(`${place}: ${JSON.stringify(given.slice(0, 100))} is no ${what}. ${hint}`);
}
