import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceException } from '@smithy/core/client';
import type { ApiHandlers, ApiName, Call } from '../service.ts';
import { type Api, loadApi } from '../wire/apis.ts';
import { requiredMembers } from '../wire/schemas.ts';
import { checkRules, type FallibleOperation, type FaultRule } from './rules.ts';

export { type FaultRule, FaultRuleError } from './rules.ts';

/** A rule and what it has done. */
export interface FaultReport extends FaultRule {
  /** How many calls it has struck. */
  struck: number;
}

interface Fault {
  rule: FaultRule;
  /** How many calls it could have struck. */
  seen: number;
  struck: number;
}

type AnyHandler = (input: unknown, call: Call) => Promise<unknown>;

/** Makes calls fail or wait by rules, before their handlers see them. Of several rules for a call the first one that strikes counts. */
export class Faults {
  #faults: Fault[] = [];
  #operations: readonly FallibleOperation[] = [];
  /** Ends the delays of the rules that stand. */
  #lifted = new AbortController();

  /**
   * Puts rules in the place of those that stand, whose delays end.
   * @throws FaultRuleError where a rule cannot be followed; those that stand stay then.
   */
  async set(rules: readonly FaultRule[]): Promise<void> {
    const checked = await checkRules(rules, this.#operations);
    this.clear();
    this.#faults = checked.map((rule) => ({ rule, seen: 0, struck: 0 }));
  }

  list(): FaultReport[] {
    return this.#faults.map(({ rule, struck }) => ({ ...rule, struck }));
  }

  clear(): void {
    this.#faults = [];
    this.#lifted.abort();
    this.#lifted = new AbortController();
  }

  /** Handlers that the rules can strike. */
  into(handlers: ApiHandlers): ApiHandlers {
    const apis = Object.entries(handlers) as [ApiName, Record<string, AnyHandler>][];
    this.#operations = apis.flatMap(([api, all]) => Object.keys(all).map((name) => ({ api, name })));
    return Object.fromEntries(apis.map(([api, all]) => [api, this.#intoEach(api, all)]));
  }

  #intoEach(api: ApiName, handlers: Record<string, AnyHandler>): Record<string, AnyHandler> {
    const struck = (name: string, handler: AnyHandler): AnyHandler => {
      return async (input, call) => {
        if (this.#faults.length > 0) await this.#strike(api, name, call);
        return handler(input, call);
      };
    };
    return Object.fromEntries(
      Object.entries(handlers).map(([name, handler]) => [name, struck(name, handler)]),
    );
  }

  /** @throws the error of the rule that strikes; the reason of `signal` when it aborts during a delay. */
  async #strike(apiName: ApiName, operation: string, { signal }: Call): Promise<void> {
    const api = await loadApi(apiName);
    const fault = this.#faults.find((fault) => concerns(fault.rule, operation, api) && draw(fault));
    if (!fault) return;
    const { delayMs = 0, error, message } = fault.rule;
    if (delayMs > 0) await this.#delay(delayMs, signal);
    if (error !== undefined) throw exception(api, error, message ?? `${error} by a fault rule.`);
  }

  async #delay(ms: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#lifted.signal]);
    await sleep(ms, undefined, { signal: either, ref: false }).catch(() => {});
    signal.throwIfAborted();
  }
}

/** Where its error is modelled: not every operation has the errors of all. */
function concerns(rule: FaultRule, operation: string, { errors }: Api): boolean {
  const isMeant = rule.operation === '*' || rule.operation === operation;
  return isMeant && (rule.error === undefined || errors.has(rule.error));
}

/** Counts a call, and decides whether it is struck. */
function draw(fault: Fault): boolean {
  const { after = 0, times = Number.POSITIVE_INFINITY, probability = 1 } = fault.rule;
  fault.seen++;
  const strikes = fault.seen > after && fault.struck < times && Math.random() < probability;
  if (strikes) fault.struck++;
  return strikes;
}

/** What AWS's own would be, as far as a rule says. */
function exception({ errors }: Api, name: string, message: string): ServiceException {
  const schema = errors.get(name);
  const $fault = schema?.getMergedTraits().error === 'server' ? 'server' : 'client';
  const thrown = new ServiceException({ name, $fault, $metadata: {}, message });
  const hasReason = schema !== undefined && requiredMembers(schema).includes('reason');
  return hasReason ? Object.assign(thrown, { reason: 'FieldValidationFailed' }) : thrown;
}
