import { BedrockRuntimeClient, BedrockRuntimeServiceException } from '@aws-sdk/client-bedrock-runtime';
import { accessDenied, modelFailed } from './exceptions.ts';

/** Where Bedrock is asked, and as whom. */
export interface BedrockAccess {
  region?: string;
  profile?: string;
  /** An endpoint of one's own. */
  url?: string;
}

/** Sends something by the client, which is made for the first. */
export type Relay = <Output>(
  send: (client: BedrockRuntimeClient) => Promise<Output>,
  signal: AbortSignal,
) => Promise<Output>;

/** A way to ask Bedrock that says what is wrong where it is not Bedrock that says it. */
export function relayTo(access: BedrockAccess): Relay {
  let client: BedrockRuntimeClient | undefined;
  return async (send, signal) => {
    refuseOwnEndpoint(access);
    client ??= connect(access);
    try {
      return await send(client);
    } catch (error) {
      signal.throwIfAborted();
      throw explained(error, access);
    }
  };
}

function connect({ region, profile, url }: BedrockAccess): BedrockRuntimeClient {
  const given = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  // Where the region is left out, the profile says it.
  return new BedrockRuntimeClient({
    ...(given ? { region: given } : {}),
    ...(url ? { endpoint: url } : {}),
    profile,
    userAgentAppId: 'agentcore-mcp',
  });
}

/** In a shell that has evaluated `agentcore-mcp env`, the SDK would send everything back to the engine. */
function refuseOwnEndpoint({ url }: BedrockAccess): void {
  if (url) return;
  for (const name of ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', 'AWS_ENDPOINT_URL']) {
    const value = process.env[name];
    if (value === undefined) continue;
    if (!/^https?:\/\/(?:127\.|localhost[:/]|localhost$|\[::1\])/.test(value)) return;
    throw modelFailed(
      `The engine is to ask Bedrock, but it was started with ${name}=${value}, which is this machine. Unset it and the local credentials where the engine is started, and start it again.`,
    );
  }
}

function explained(error: unknown, { profile }: BedrockAccess): unknown {
  if (error instanceof BedrockRuntimeServiceException && modelled.has(error.name)) return error;
  const { name, message } = error as Error;
  const whose = profile ? `of the profile ${profile}` : 'of the environment or default profile';
  if (/Credential|Token|Signature|UnrecognizedClient|AccessDenied|SSO/i.test(name))
    return accessDenied(
      `Bedrock cannot be asked with the credentials ${whose} that the engine was started with: ${message}`,
    );
  return modelFailed(`Bedrock cannot be asked: ${message}`);
}

/** Errors that callers of this engine know too. */
const modelled = new Set([
  'AccessDeniedException',
  'InternalServerException',
  'ModelErrorException',
  'ModelNotReadyException',
  'ModelStreamErrorException',
  'ModelTimeoutException',
  'ResourceNotFoundException',
  'ServiceQuotaExceededException',
  'ServiceUnavailableException',
  'ThrottlingException',
  'ValidationException',
]);
