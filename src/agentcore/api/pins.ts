import type { NormalizedSchema } from '@smithy/core/schema';
import type { Operation } from '../../engine/wire/operations.ts';
import { ToolFailure } from '../../failure.ts';
import { regionOf } from '../arn.ts';
import { replaceIn } from './walk.ts';

/** What the server's operator has fixed, by argument name: `region`, `memory_id`, `gateway_id`, `runtime_arn`. */
export type Pins = Readonly<Record<string, Pin>>;

interface Pin {
  value: string;
  flag: string;
}

type Input = Readonly<Record<string, unknown>>;

/** The members that name a pinned thing, and by what. */
const members = [
  { member: 'memoryId', pin: 'memory_id', by: idOf },
  { member: 'gatewayIdentifier', pin: 'gateway_id', by: idOf },
  { member: 'agentRuntimeArn', pin: 'runtime_arn', by: (arn: string) => arn },
  { member: 'agentRuntimeId', pin: 'runtime_arn', by: idOf },
];

/** The pins by the kind of thing in an ARN. */
const pinOfKind: Readonly<Record<string, string>> = {
  memory: 'memory_id',
  gateway: 'gateway_id',
  runtime: 'runtime_arn',
};

const arnOf = (text: string) =>
  /^(?<arn>arn:[^:]+:bedrock-agentcore:[^:]*:[^:]*:(?<kind>memory|gateway|runtime)\/(?<id>[^/:]+))/.exec(text)
    ?.groups;

function idOf(arnOrId: string): string {
  return arnOf(arnOrId)?.id ?? arnOrId;
}

/** An id or an ARN, with nothing behind it such as an endpoint. */
const isPlain = (text: string) => (arnOf(text)?.arn ?? text) === text;

/** Whether both name the same thing; of two ARNs, also in the same account and region. */
function same(given: string, pinned: string): boolean {
  const [a, b] = [arnOf(given), arnOf(pinned)];
  return a && b ? a.arn === b.arn : idOf(given) === idOf(pinned);
}

/**
 * An operation's input with what is pinned put in where it is missing. A pin is a boundary: nothing in the input may
 * name another memory, gateway, runtime or region than the pinned one, also not by an ARN.
 * @throws ToolFailure `InvalidArgument` naming the flag.
 */
export function withPins(operation: Operation, input: Input, pins: Pins): Input {
  const known = operation.input.getMemberSchemas();
  const filled: Record<string, unknown> = { ...input };
  for (const { member, pin: name, by } of members) {
    const pin = pins[name];
    if (!pin || !known[member]) continue;
    const given = input[member] ?? pin.value;
    if (typeof given !== 'string' || !isPlain(given) || !same(given, pin.value))
      throw refused(operation, member, given, pin);
    filled[member] = by(pin.value);
  }
  for (const { member, text } of textsIn(operation.input, filled)) {
    const { kind = '' } = arnOf(text) ?? {};
    const pin = pins[pinOfKind[kind] ?? ''];
    if (pin && !same(text, pin.value)) throw refused(operation, member, text, pin);
    const region = regionOf(text);
    if (region && pins.region && region !== pins.region.value)
      throw refused(operation, `the region in ${member}`, region, pins.region);
  }
  return filled;
}

/** Where the pinned thing is that an input names by its id alone; undefined when the pin does not say. */
export function regionOfPinned(input: Input, pins: Pins): string | undefined {
  const named = members.filter(({ member, by }) => by === idOf && input[member] !== undefined);
  return named.map(({ pin }) => regionOf(pins[pin]?.value ?? '')).find((region) => region !== undefined);
}

/** All texts of an input but those in free-form documents. */
function textsIn(schema: NormalizedSchema, input: Input): { member: string; text: string }[] {
  const texts: { member: string; text: string }[] = [];
  replaceIn(schema, input, '', (inner, value, member) => {
    if (inner.isDocumentSchema() || value === undefined) return { by: value };
    if (typeof value === 'string') texts.push({ member, text: value });
    return undefined;
  });
  return texts;
}

function refused({ name }: Operation, what: string, given: unknown, { value, flag }: Pin): ToolFailure {
  const shown = String(JSON.stringify(given)).slice(0, 200);
  return new ToolFailure({
    code: 'InvalidArgument',
    message: `${name}: ${what} is fixed to ${value} by ${flag}, so it cannot be ${shown}.`,
    hint: `Leave it out or use ${value}. For another one, the server's user restarts it with another ${flag} or without. Nothing was sent.`,
  });
}
