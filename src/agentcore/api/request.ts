import { BedrockAgentCoreClient, type BedrockAgentCoreClientConfig } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { HttpRequest } from '@smithy/core/transport';
import type { Operation } from '../../engine/wire/operations.ts';
import type { AgentCore } from '../agentcore.ts';
import { readableBytes } from './answer.ts';
import { commandFor, type Input } from './call.ts';
import { hide, isSecret } from './secrets.ts';
import { replaceIn } from './walk.ts';

/** A request as it would be sent, without signature and secrets. */
export interface Request {
  method: string;
  /** On the local engine without the host, which is found when a call is really made. */
  url: string;
  headers: Record<string, string>;
  body?: unknown;
}

/** Headers that carry the signature, or that every request has. */
const unremarkable =
  /^(?:authorization|host|user-agent|content-length|amz-sdk-.*|x-amz-(?:date|content-sha256|user-agent|security-token))$/i;

/** The request an operation would send. Sends nothing, asks for no credentials and starts no engine. */
export async function requestOf(
  backend: AgentCore['backend'],
  region: string,
  operation: Operation,
  input: Input,
): Promise<Request> {
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

function describe(
  { method, protocol, hostname, port, path, query, headers, body }: HttpRequest,
  backend: AgentCore['backend'],
): Request {
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) =>
      [value ?? ''].flat().map((single): [string, string] => [key, single]),
    ),
  ).toString();
  const host = backend === 'local' ? '' : `${protocol}//${hostname}${port ? `:${port}` : ''}`;
  return {
    method,
    url: `${host}${path}${search && `?${search}`}`,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !unremarkable.test(name))),
    body: readableBody(body, headers['content-type']),
  };
}

function readableBody(body: unknown, contentType = ''): unknown {
  const text = ArrayBuffer.isView(body) ? readableBytes(body as Uint8Array) : body;
  return typeof text === 'string' && contentType.includes('json') ? JSON.parse(text) : text || undefined;
}
