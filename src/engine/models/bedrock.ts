import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { accessDenied, modelFailed } from './exceptions.ts';
import type { LanguageModel, ModelSettings, NativeInvocations } from './model.ts';

type BedrockSettings = Extract<ModelSettings, { provider: 'bedrock' }>;

/** Bedrock itself. Model ids and inference profiles are passed on as they are, and so is everything else. */
export function createBedrockModel(
  settings: BedrockSettings,
): NativeInvocations & Pick<LanguageModel, 'converse'> {
  let client: BedrockRuntimeClient | undefined;

  /** Sends something by the client, and says what is wrong where it is not Bedrock that says it. */
  async function relay<Output>(send: (client: BedrockRuntimeClient) => Promise<Output>, signal: AbortSignal) {
    refuseOwnEndpoint(settings);
    client ??= connect(settings);
    try {
      return await send(client);
    } catch (error) {
      signal.throwIfAborted();
      throw explained(error, settings);
    }
  }

  return {
    async *converse(request, signal) {
      const command = new ConverseStreamCommand(request);
      const { stream } = await relay((sdk) => sdk.send(command, { abortSignal: signal }), signal);
      for await (const event of stream ?? []) {
        // What this SDK does not know yet cannot be written again either.
        if (!event.$unknown) yield event;
      }
    },
    invoke(input, signal) {
      const command = new InvokeModelCommand(input);
      return relay((sdk) => sdk.send(command, { abortSignal: signal }), signal);
    },
    invokeWithResponseStream(input, signal) {
      const command = new InvokeModelWithResponseStreamCommand(input);
      return relay((sdk) => sdk.send(command, { abortSignal: signal }), signal);
    },
  };
}

function connect({ region, profile, url }: BedrockSettings): BedrockRuntimeClient {
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
function refuseOwnEndpoint({ url }: BedrockSettings): void {
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

function explained(error: unknown, { profile }: BedrockSettings): unknown {
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
