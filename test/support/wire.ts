import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as data from '@aws-sdk/client-bedrock-agentcore';
import * as control from '@aws-sdk/client-bedrock-agentcore-control';
import { silentLog } from '../../src/engine/log.ts';
import type { Call } from '../../src/engine/service.ts';
import type { Operation } from '../../src/engine/wire/operations.ts';
import { createWire, type WireOptions } from '../../src/engine/wire/server.ts';
import { sigV4 } from '../../src/engine/wire/signature.ts';

export const ACCOUNT = '111122223333';
export const SECRET = 'the secret of the account';
export const REGION = 'eu-central-1';

/** A handler for any operation. */
export type TestHandler = (input: Record<string, unknown>, call: Call) => Promise<unknown>;

/** The wire on a real socket with signing on, and the real SDK clients of both planes pointed at it. */
export async function startWire(handlers: Record<string, TestHandler>, options: Partial<WireOptions> = {}) {
  const server: Server = createServer(
    createWire({
      handlers: handlers as WireOptions['handlers'],
      authenticate: sigV4({ secretFor: (id) => (id === ACCOUNT ? SECRET : undefined) }),
      hosts: () => [`127.0.0.1:${(server.address() as AddressInfo).port}`],
      maxBodyBytes: 4 * 1024 * 1024,
      log: silentLog,
      ...options,
    }),
  );
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
    data: new data.BedrockAgentCoreClient(config),
    control: new control.BedrockAgentCoreControlClient(config),
  };
  return {
    server,
    port,
    config,
    clients,
    /** Sends an operation through its plane's client. */
    async send({ name, plane }: Operation, input: object): Promise<Record<string, unknown>> {
      const Command = (plane === 'data' ? data : control)[`${name}Command` as never] as new (
        input: object,
      ) => data.ListABTestsCommand;
      const output: unknown = await (clients[plane] as data.BedrockAgentCoreClient).send(new Command(input));
      return output as Record<string, unknown>;
    },
    async close() {
      clients.data.destroy();
      clients.control.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
