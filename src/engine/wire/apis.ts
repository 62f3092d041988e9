import type { ApiName } from '../service.ts';
import type { HeaderValues } from './canonical.ts';
import { modelledErrors, operations } from './operations.ts';
import { type Route, Router } from './router.ts';
import {
  type ErrorSchemas,
  errorsOf,
  type Model,
  type Operation,
  operationsOf,
  type Sdk,
} from './schemas.ts';

/** What is known of an API before its schemas are loaded. */
export interface ApiForm {
  name: ApiName;
  /** As people call it. */
  title: string;
  /** The service of a credential scope. */
  signingName: string;
  protocol: 'restJson1' | 'awsJson1.1';
  /** The error that says that an input is not valid. */
  invalidInput: string;
}

/** An API that the engine speaks. */
export interface Api extends ApiForm {
  operations: ReadonlyMap<string, Operation<Model>>;
  errors: ErrorSchemas;
  /**
   * The operation a request is for.
   * @throws URIError where a label of the path is not percent-encoded UTF-8.
   */
  find(request: RequestHead): Route | undefined;
}

/** Where a request goes. */
export interface RequestHead {
  method: string;
  /** Percent-encoded. */
  path: string;
  headers: HeaderValues;
}

export const apiForms: Readonly<Record<ApiName, ApiForm>> = {
  agentcore: {
    name: 'agentcore',
    title: 'AgentCore',
    signingName: 'bedrock-agentcore',
    protocol: 'restJson1',
    invalidInput: 'ValidationException',
  },
  bedrock: {
    name: 'bedrock',
    title: 'Bedrock Runtime',
    signingName: 'bedrock',
    protocol: 'restJson1',
    invalidInput: 'ValidationException',
  },
  logs: {
    name: 'logs',
    title: 'CloudWatch Logs',
    signingName: 'logs',
    protocol: 'awsJson1.1',
    invalidInput: 'InvalidParameterException',
  },
  secrets: {
    name: 'secrets',
    title: 'Secrets Manager',
    signingName: 'secretsmanager',
    protocol: 'awsJson1.1',
    invalidInput: 'ValidationException',
  },
};

/** The services of the credential scopes that the wire answers. */
export const signingNames: readonly string[] = Object.values(apiForms).map(({ signingName }) => signingName);

/** In requests of AWS's JSON protocol, `<prefix>.<Operation>` in the header X-Amz-Target says what is asked. */
const targets = { logs: 'Logs_20140328', secrets: 'secretsmanager' } as const;

/** The API that a header X-Amz-Target is of. */
export function apiOfTarget(target: string): ApiName | undefined {
  const found = Object.entries(targets).find(([, prefix]) => target.startsWith(`${prefix}.`));
  return found?.[0] as ApiName | undefined;
}

/** Both planes of AgentCore; an error of one plane keeps its name on the other. */
export const agentcore: Api = {
  ...apiForms.agentcore,
  operations,
  errors: new Map([...modelledErrors.data, ...modelledErrors.control]),
  find: byPath(operations.values()),
};

const loading = new Map<ApiName, Promise<Api>>([['agentcore', Promise.resolve(agentcore)]]);

/** An API with its schemas. An SDK package is loaded when somebody asks for it, so that the engine starts without. */
export function loadApi(name: ApiName): Promise<Api> {
  let api = loading.get(name);
  if (!api) {
    api = name === 'bedrock' ? loadBedrock() : loadJsonApi(name as keyof typeof targets);
    loading.set(name, api);
  }
  return api;
}

async function loadBedrock(): Promise<Api> {
  const sdk: Sdk = await import('@aws-sdk/client-bedrock-runtime');
  const all = byName(operationsOf('bedrock', sdk));
  return { ...apiForms.bedrock, operations: all, errors: errorsOf(sdk), find: byPath(all.values()) };
}

const jsonSdks: Readonly<Record<keyof typeof targets, () => Promise<Sdk>>> = {
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  secrets: () => import('@aws-sdk/client-secrets-manager'),
};

async function loadJsonApi(name: keyof typeof targets): Promise<Api> {
  const sdk = await jsonSdks[name]();
  const all = byName(operationsOf(name, sdk));
  return { ...apiForms[name], operations: all, errors: errorsOf(sdk), find: byTarget(targets[name], all) };
}

function byName<Of extends Model>(all: readonly Operation<Of>[]): ReadonlyMap<string, Operation<Of>> {
  return new Map(all.map((operation) => [operation.name, operation]));
}

function byPath(all: Iterable<Operation<Model>>): Api['find'] {
  const router = new Router(all);
  return ({ method, path }) => {
    const found = router.find(method, path);
    return found && { operation: found.place, labels: found.labels };
  };
}

/** AWS's JSON protocols: every operation is at POST /, told by a header. */
function byTarget(prefix: string, all: ReadonlyMap<string, Operation<Model>>): Api['find'] {
  return ({ method, path, headers }) => {
    const [target = ''] = headers.get('x-amz-target') ?? [];
    if (method !== 'POST' || path !== '/' || !target.startsWith(`${prefix}.`)) return undefined;
    const operation = all.get(target.slice(prefix.length + 1));
    return operation && { operation, labels: {} };
  };
}
