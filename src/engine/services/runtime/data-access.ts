import {
  type Bearer,
  BearerRefusal,
  type BearerRequest,
  type Call,
  type DocumentRequest,
  type Scope,
  type Service,
} from '../../service.ts';
import { accessDenied, notFound } from '../exceptions.ts';
import type { LaunchConfig, Target, Targets } from './target.ts';

/** Checks a bearer token against an authorizer and answers its claims. @throws BearerRefusal */
export type VerifyBearer = (
  config: NonNullable<LaunchConfig['jwt']>,
  token: string,
) => Promise<Readonly<Record<string, unknown>>>;

/** Where a caller without a signature names only an account. */
const DEFAULT_REGION = 'us-east-1';

/** Where agents are reached by WebSocket. */
export const socketPath = '/runtimes/{agentRuntimeArn}/ws';

/** What a runtime with a JWT authorizer is called by. */
const OPERATIONS = [
  'InvokeAgentRuntime',
  'InvokeAgentRuntimeCommand',
  'StopRuntimeSession',
  'GetAgentCard',
  socketPath,
] as const;

/** What a call names, of which `agentRuntimeArn` is always there. */
export interface Named {
  agentRuntimeArn?: string | undefined;
  qualifier?: string | undefined;
  accountId?: string | undefined;
}

/** What a call is for, where its caller may make it. @throws what {@link Targets.find} does, AccessDeniedException */
export function findAdmitted(
  targets: Targets,
  { agentRuntimeArn = '', qualifier, accountId }: Named,
  call: Call,
): Target {
  const target = targets.find(call, { agentRuntimeArn, qualifier, accountId });
  admit(target, call);
  return target;
}

/** A runtime takes either signatures or tokens. @throws AccessDeniedException */
function admit({ config }: Target, { bearer }: Call): void {
  if (config.jwt && !bearer)
    throw accessDenied(
      'Authorization method mismatch: the agent takes tokens of its JWT authorizer (Authorization: Bearer), not AWS signatures.',
    );
}

/** Lets in the holders of tokens that the authorizer of their runtime accepts. */
export function bearers(targets: Targets, verify: VerifyBearer): NonNullable<Service['bearer']> {
  const letIn = async (request: BearerRequest): Promise<{ scope: Scope; bearer: Bearer }> => {
    const { agentRuntimeArn = '' } = request.labels;
    const { qualifier, accountId } = request.query;
    const scope = scopeOf(agentRuntimeArn, accountId);
    if (!scope)
      throw new BearerRefusal(
        403,
        'Name the runtime by its ARN, or by its id with the query parameter accountId.',
      );
    const target = targets.find(scope, { agentRuntimeArn, qualifier, accountId });
    if (!target.config.jwt)
      throw new BearerRefusal(
        403,
        'Authorization method mismatch: the agent takes AWS signatures; it has no JWT authorizer.',
      );
    if (request.token === '')
      throw new BearerRefusal(
        401,
        'The header Authorization: Bearer is missing.',
        challenge(target, request),
      );
    try {
      return {
        scope,
        bearer: { token: request.token, claims: await verify(target.config.jwt, request.token) },
      };
    } catch (error) {
      if (!(error instanceof BearerRefusal) || error.status !== 401) throw error;
      throw new BearerRefusal(401, error.message, challenge(target, request));
    }
  };
  return Object.fromEntries(OPERATIONS.map((name) => [name, letIn]));
}

function scopeOf(agentRuntimeArn: string, accountId: string | undefined): Scope | undefined {
  const [, region, account] =
    /^arn:aws[\w-]*:bedrock-agentcore:([\w-]+):(\d{12}):/.exec(agentRuntimeArn) ?? [];
  if (region && account) return { region, account };
  return accountId === undefined ? undefined : { region: DEFAULT_REGION, account: accountId };
}

const METADATA = '/.well-known/oauth-protected-resource';

/** Where tokens for a runtime are to be had (RFC 9728), for clients that were sent there with a 401. */
export function documents(targets: Targets): NonNullable<Service['documents']> {
  return {
    async [`/runtimes/{agentRuntimeArn}/invocations${METADATA}`](request) {
      const { agentRuntimeArn = '' } = request.labels;
      const { qualifier, accountId } = request.query;
      const scope = scopeOf(agentRuntimeArn, accountId);
      const target = scope && targets.find(scope, { agentRuntimeArn, qualifier, accountId });
      if (!target?.config.jwt) throw notFound(`${agentRuntimeArn} is no runtime that takes tokens.`);
      const { discoveryUrl = '', allowedScopes } = target.config.jwt;
      return {
        resource: resourceOf(target, request),
        authorization_servers: [discoveryUrl.replace(/\/\.well-known\/.*$/, '')],
        bearer_methods_supported: ['header'],
        ...(allowedScopes && { scopes_supported: allowedScopes }),
      };
    },
  };
}

/** As on AWS, but of the host that was called. */
function challenge(target: Target, request: BearerRequest): string {
  const qualifier = encodeURIComponent(target.endpoint);
  return `Bearer resource_metadata="${resourceOf(target, request)}${METADATA}?qualifier=${qualifier}"`;
}

function resourceOf({ runtimeArn }: Target, { origin }: DocumentRequest): string {
  return `${origin}/runtimes/${encodeURIComponent(runtimeArn)}/invocations`;
}
