import { NormalizedSchema } from '@smithy/core/schema';

/** Which of the two AgentCore APIs an operation belongs to. */
export type Plane = 'data' | 'control';

/** A service model: those of AgentCore's planes, and of what agents need besides. */
export type Model = Plane | 'bedrock' | 'logs' | 'secrets';

/** One operation as the AWS SDK's run-time schema describes it. */
export interface Operation<Of extends string = Plane> {
  /** E.g. `StartCodeInterpreterSession`; unique over both planes of AgentCore. */
  name: string;
  plane: Of;
  /** The HTTP method. */
  method: string;
  /** The path template, e.g. `/code-interpreters/{codeInterpreterIdentifier}/sessions/start`. */
  uri: string;
  /** The HTTP status of success. */
  status: number;
  input: NormalizedSchema;
  output: NormalizedSchema;
}

/** What an SDK package exports. */
export type Sdk = Readonly<Record<string, unknown>>;

/** `[9, namespace, name, {http: [method, uri, status]}, input, output]`, exported as `<Name>$`; JSON-RPC has no `http`. */
type StaticOperation = readonly [
  9,
  string,
  string,
  { http?: readonly [string, string, number] } | number,
  SchemaRef,
  SchemaRef,
];
type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

/** Where every operation is that has no place of its own. */
const jsonRpcPlace = ['POST', '/', 200] as const;

function isOperation(exported: unknown): exported is StaticOperation {
  return Array.isArray(exported) && exported[0] === 9;
}

/** Every operation of an SDK package, in its order. */
export function operationsOf<Of extends string>(plane: Of, sdk: Sdk): Operation<Of>[] {
  return Object.values(sdk)
    .filter(isOperation)
    .map(([, , name, traits, input, output]) => {
      const [method, uri, status] = (typeof traits === 'object' && traits.http) || jsonRpcPlace;
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

/** Error structures by name, e.g. `ValidationException`. */
export type ErrorSchemas = ReadonlyMap<string, NormalizedSchema>;

/** `[-3, namespace, name, {error, httpError}, ...]`, exported as `<Name>$`; the SDK's own base error has no traits. */
type StaticError = readonly [-3, string, string, { error: string; httpError?: number }, ...unknown[]];

function isModelledError(exported: unknown): exported is StaticError {
  return Array.isArray(exported) && exported[0] === -3 && typeof exported[3] === 'object';
}

/** The modelled errors of an SDK package. */
export function errorsOf(sdk: Sdk): ErrorSchemas {
  return new Map(
    Object.values(sdk)
      .filter(isModelledError)
      .map((error) => [error[2], NormalizedSchema.of(error as unknown as SchemaRef)]),
  );
}

/** The HTTP status of a modelled error: what the model says, or else by whose fault it is. */
export function statusOf(error: NormalizedSchema): number {
  const { error: fault, httpError } = error.getMergedTraits();
  return Number(httpError ?? (fault === 'server' ? 500 : 400));
}

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
