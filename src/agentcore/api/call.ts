import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import * as data from '@aws-sdk/client-bedrock-agentcore';
import * as control from '@aws-sdk/client-bedrock-agentcore-control';
import { configTable } from '../../config-table.ts';
import { constraintOf } from '../../engine/wire/constraints.ts';
import { type Operation, operations } from '../../engine/wire/operations.ts';
import { ToolFailure } from '../../failure.ts';
import { nearest } from '../../platform/nearest.ts';
import type { AgentCore } from '../agentcore.ts';
import { regionOf } from '../arn.ts';
import { remember } from '../calls.ts';
import { answerOf, type ReadableAnswer } from './answer.ts';

export type Input = Readonly<Record<string, unknown>>;
type Output = Record<string, unknown> & { $metadata?: { requestId?: string } };
/** Either plane's command class; both send alike. */
type CommandClass = new (input: Input) => Parameters<BedrockAgentCoreClient['send']>[0];

const commands = { data, control } as unknown as Record<Operation['plane'], Record<string, CommandClass>>;

export interface CallOptions {
  region: string;
  signal: AbortSignal;
  progress(message: string): void;
}

export interface Answer extends ReadableAnswer {
  requestId?: string;
}

/** More pages than this are never fetched in one call. */
const MAX_PAGES = 50;

const plainName = (name: string) => name.toLowerCase().replaceAll(/[\s_-]|command$/g, '');

/** The operation of a name, also in another spelling such as `list_memories`. */
export function findOperation(name: string): Operation | undefined {
  return (
    operations.get(name) ??
    [...operations.values()].find((other) => plainName(other.name) === plainName(name))
  );
}

/** @throws ToolFailure `UnknownOperation` naming the nearest. */
export function operationNamed(name: string): Operation {
  const known = findOperation(name);
  if (known) return known;
  const meant = nearest(name.slice(0, 100), operations.keys());
  throw new ToolFailure({
    code: 'UnknownOperation',
    message: `There is no operation "${name.slice(0, 100)}" in AgentCore.${meant ? ` Did you mean ${meant}?` : ''}`,
    hint: 'search_aws_api finds operations by plain words.',
  });
}

/**
 * The region a call goes to: that of an ARN among its members wins over the one asked for.
 * @throws ToolFailure `InvalidArgument` for what is none.
 */
export async function regionFor(agentcore: AgentCore, input: Input, asked?: string): Promise<string> {
  const arns = Object.values(input).flatMap((value) => (typeof value === 'string' && regionOf(value)) || []);
  const region = arns[0] ?? asked;
  if (region === undefined) return agentcore.region();
  const { error } = configTable.shape.region.safeParse(region);
  if (!error) return region;
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `The region "${region.slice(0, 64)}" is not ${error.issues[0]?.message}.`,
    hint: 'Leave region out to use the one of the server. Nothing was sent.',
  });
}

export function commandFor(operation: Operation, input: Input): InstanceType<CommandClass> {
  const Command = commands[operation.plane][`${operation.name}Command`];
  if (!Command) throw new Error(`The SDK has no command for ${operation.name}.`);
  return new Command(input);
}

async function send(
  agentcore: AgentCore,
  operation: Operation,
  input: Input,
  { region, signal }: CallOptions,
): Promise<Output> {
  const client = (await agentcore[operation.plane](region)) as BedrockAgentCoreClient;
  return client.send(commandFor(operation, input), { abortSignal: signal }) as Promise<Output>;
}

/** Sends one call and reads its whole answer. */
export async function callOperation(
  agentcore: AgentCore,
  operation: Operation,
  input: Input,
  options: CallOptions,
): Promise<Answer> {
  const output = await send(agentcore, operation, input, options);
  try {
    const answer = await answerOf(operation, output, options.progress);
    return { ...answer, requestId: output.$metadata?.requestId };
  } catch (error) {
    // The answer had begun, so this error has not passed the client.
    throw remember(error, {
      backend: agentcore.backend,
      operation: operation.name,
      region: options.region,
      input,
    });
  }
}

/** The one list of a pageable operation's output; undefined for operations without pages. */
function pagedList({ input, output }: Operation): string | undefined {
  const paged = input.getMemberSchemas().nextToken && output.getMemberSchemas().nextToken;
  const lists = [...output.structIterator()].filter(([, member]) => member.isListSchema());
  return paged && lists.length === 1 ? lists[0]?.[0] : undefined;
}

/**
 * Fetches pages until there are `maxItems` items or no more; with more, the answer has a `nextToken`.
 * @throws ToolFailure `InvalidArgument` for an operation without pages.
 */
export async function callPages(
  agentcore: AgentCore,
  operation: Operation,
  input: Input,
  maxItems: number,
  options: CallOptions,
): Promise<Answer> {
  const list = pagedList(operation);
  if (!list) {
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `${operation.name} has no pages, so max_items says nothing.`,
      hint: 'Leave max_items out.',
    });
  }
  const largestPage =
    constraintOf(operation.plane, operation.input.getName() ?? '', 'maxResults')?.max ?? 100;
  const items: unknown[] = [];
  let nextToken = input.nextToken;
  for (let page = 1; ; page++) {
    const wanted = Math.min(maxItems - items.length, largestPage);
    const maxResults = Math.min(wanted, Number(input.maxResults ?? wanted));
    const answer = await callOperation(agentcore, operation, { ...input, maxResults, nextToken }, options);
    items.push(...((answer.result[list] as unknown[] | undefined) ?? []));
    nextToken = answer.result.nextToken;
    options.progress(`${items.length} items`);
    if (!nextToken || items.length >= maxItems || page === MAX_PAGES) {
      return { ...answer, result: { ...answer.result, [list]: items } };
    }
  }
}
