import * as data from '@aws-sdk/client-bedrock-agentcore';
import * as control from '@aws-sdk/client-bedrock-agentcore-control';
import { NormalizedSchema } from '@smithy/core/schema';

/** Which of the two AgentCore APIs an operation belongs to. */
export type Plane = 'data' | 'control';

/** One AgentCore operation as the AWS SDK's run-time schema describes it. */
export interface Operation {
  /** E.g. `StartCodeInterpreterSession`; unique over both planes. */
  name: string;
  plane: Plane;
  /** The HTTP method. */
  method: string;
  /** The path template, e.g. `/code-interpreters/{codeInterpreterIdentifier}/sessions/start`. */
  uri: string;
  /** The HTTP status of success. */
  status: number;
  input: NormalizedSchema;
  output: NormalizedSchema;
}

/** `[9, namespace, name, {http: [method, uri, status]}, input, output]`, exported as `<Name>$`. */
type StaticOperation = readonly [
  9,
  string,
  string,
  { http: readonly [string, string, number] },
  SchemaRef,
  SchemaRef,
];
type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

function isOperation(exported: unknown): exported is StaticOperation {
  return Array.isArray(exported) && exported[0] === 9;
}

function operationsOf(plane: Plane, sdk: Readonly<Record<string, unknown>>): Operation[] {
  return Object.values(sdk)
    .filter(isOperation)
    .map(([, , name, traits, input, output]) => {
      const [method, uri, status] = traits.http;
      return {
        name,
        plane,
        method,
        uri,
        status,
        input: NormalizedSchema.of(input),
        output: NormalizedSchema.of(output),
      };
    });
}

/**
 * Every operation of both planes by name, in the SDK's order, data plane first.
 *
 * Importing this module loads both AWS SDK clients (about 150 ms in a cold process) and nothing else: import it
 * dynamically where start-up time matters. No network, no HTTP server.
 */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...operationsOf('data', data), ...operationsOf('control', control)].map((operation) => [
    operation.name,
    operation,
  ]),
);

/** `[-3, namespace, name, {error, httpError}, ...]`, exported as `<Name>$`; the SDK's own base error has no status. */
type StaticError = readonly [-3, string, string, { httpError: number }, ...unknown[]];

function isModelledError(exported: unknown): exported is StaticError {
  return Array.isArray(exported) && exported[0] === -3 && typeof exported[3]?.httpError === 'number';
}

function modelledErrorsOf(sdk: Readonly<Record<string, unknown>>): ReadonlyMap<string, NormalizedSchema> {
  return new Map(
    Object.values(sdk)
      .filter(isModelledError)
      .map((error) => [error[2], NormalizedSchema.of(error as unknown as SchemaRef)]),
  );
}

/** The error structures of each plane by name, e.g. `ValidationException`; the trait `httpError` is the status. */
export const modelledErrors: Readonly<Record<Plane, ReadonlyMap<string, NormalizedSchema>>> = {
  data: modelledErrorsOf(data),
  control: modelledErrorsOf(control),
};

/** How many members of a structure are required: the schema lists them first. */
function requiredCount(structure: NormalizedSchema): number {
  const schema = structure.getSchema();
  const count = Array.isArray(schema) ? schema[6] : undefined;
  return typeof count === 'number' ? count : 0;
}

/** The names of a structure's required members; none for a union. */
export function requiredMembers(structure: NormalizedSchema): readonly string[] {
  if (!structure.isStructSchema() || structure.isUnionSchema()) return [];
  return [...structure.structIterator()].slice(0, requiredCount(structure)).map(([name]) => name);
}
