import { BedrockAgentCoreClient, type BedrockAgentCoreClientConfig } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { HttpRequest } from '@smithy/core/transport';
import type { Operation } from '../../engine/wire/operations.ts';
import type { AgentCore } from '../agentcore.ts';
import { readableBytes } from './answer.ts';
import { commandFor, type Input } from './call.ts';
import { hide, isSecret } from './secrets.ts';
import { replaceIn } from './walk.ts';

/** Headers that carry the signature, or that every request has. */
const unremarkable =
  /^(?:authorization|host|user-agent|content-length|amz-sdk-.*|x-amz-(?:date|content-sha256|user-agent|security-token))$/i;

/**
 * The request an operation would send, as HTTP without signature and secrets; on the local engine also without the host,
 * which is found when a call is really made. Sends nothing, asks for no credentials and starts no engine.
 */
export async function requestOf(
  backend: AgentCore['backend'],
  region: string,
  operation: Operation,
  input: Input,
): Promise<string> {
  const settings: BedrockAgentCoreClientConfig = {
    region,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    ...(backend === 'local' && { endpoint: 'http://localhost' }),
  };
  const Client = operation.plane === 'data' ? BedrockAgentCoreClient : BedrockAgentCoreControlClient;
  const client = new Client(settings) as BedrockAgentCoreClient;
  let built: HttpRequest | undefined;
  client.middlewareStack.add(
    () =>
      async ({ request }) => {
        if (HttpRequest.isInstance(request)) built = request;
        return { response: undefined, output: { $metadata: {} } };
      },
    { step: 'build', name: 'keepRequest', priority: 'low' },
  );
  const shown = replaceIn(operation.input, input, '', (schema, value, name) =>
    isSecret(schema, name) ? { by: hide(value) } : undefined,
  );
  await client.send(commandFor(operation, shown as Input));
  client.destroy();
  if (!built) throw new Error(`The SDK built no request for ${operation.name}.`);
  return describe(built, backend);
}

function describe(request: HttpRequest, backend: AgentCore['backend']): string {
  const { method, protocol, hostname, port, path, query, headers, body } = request;
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) =>
      [value ?? ''].flat().map((single): [string, string] => [key, single]),
    ),
  ).toString();
  const host = backend === 'local' ? '' : `${protocol}//${hostname}${port ? `:${port}` : ''}`;
  const shownHeaders = Object.entries(headers).filter(([name]) => !unremarkable.test(name));
  return [
    `${method} ${host}${path}${search && `?${search}`}`,
    ...shownHeaders.map(([name, value]) => `${name}: ${value}`),
    ...(body ? ['', readableBody(body)] : []),
  ].join('\n');
}

function readableBody(body: unknown): string {
  const content = ArrayBuffer.isView(body) ? readableBytes(body as Uint8Array) : body;
  return typeof content === 'string' ? content : JSON.stringify(content);
}
