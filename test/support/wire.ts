import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as data from '@aws-sdk/client-bedrock-agentcore';
import * as control from '@aws-sdk/client-bedrock-agentcore-control';
import * as bedrock from '@aws-sdk/client-bedrock-runtime';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as secrets from '@aws-sdk/client-secrets-manager';
import { silentLog } from '../../src/engine/log.ts';
import type { Call } from '../../src/engine/service.ts';
import { signingNames } from '../../src/engine/wire/apis.ts';
import { HttpServer } from '../../src/engine/wire/http-server.ts';
import type { Model, Operation } from '../../src/engine/wire/schemas.ts';
import { createWire } from '../../src/engine/wire/server.ts';
import { sigV4 } from '../../src/engine/wire/signature.ts';
import type { WireOptions } from '../../src/engine/wire/wire-options.ts';

export const ACCOUNT = '111122223333';
export const SECRET = 'the secret of the account';
export const REGION = 'eu-central-1';

/** A handler for any operation. */
export type TestHandler = (input: Record<string, unknown>, call: Call) => Promise<unknown>;

/** The handlers of each API, given for tests. */
type TestHandlers = Record<string, TestHandler>;

const sdks = { data, control, bedrock, logs, secrets } as const;

type Options = Partial<Omit<WireOptions, 'handlers'>> & {
  /** Of the APIs besides AgentCore. */
  bedrock?: TestHandlers;
  logs?: TestHandlers;
  secrets?: TestHandlers;
};

/** The wire on a real socket with signing on, and the real SDK clients of every API pointed at it. */
export async function startWire(
  agentcore: TestHandlers,
  { bedrock, logs, secrets, ...options }: Options = {},
) {
  const server = new HttpServer();
  const wire = createWire({
    handlers: { agentcore, bedrock, logs, secrets } as WireOptions['handlers'],
    authenticate: sigV4({ secretFor: (id) => (id === ACCOUNT ? SECRET : undefined), services: signingNames }),
    hosts: () => [`127.0.0.1:${(server.address() as AddressInfo).port}`],
    maxBodyBytes: 4 * 1024 * 1024,
    log: silentLog,
    ...options,
  });
  server.on('request', wire.request).on('upgrade', wire.upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: SECRET },
    maxAttempts: 1,
  };
  const clients = {
    data: new sdks.data.BedrockAgentCoreClient(config),
    control: new sdks.control.BedrockAgentCoreControlClient(config),
    bedrock: new sdks.bedrock.BedrockRuntimeClient(config),
    logs: new sdks.logs.CloudWatchLogsClient(config),
    secrets: new sdks.secrets.SecretsManagerClient(config),
  };
  return {
    server,
    port,
    config,
    clients,
    /** Sends an operation through its API's client. */
    async send({ name, plane }: Operation<Model>, input: object): Promise<Record<string, unknown>> {
      const Command = sdks[plane][`${name}Command` as never] as new (
        input: object,
      ) => data.ListABTestsCommand;
      const output: unknown = await (clients[plane] as data.BedrockAgentCoreClient).send(new Command(input));
      return output as Record<string, unknown>;
    },
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
