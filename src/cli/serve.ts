import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { createLog } from '../engine/log.ts';
import { createContext } from '../server.ts';
import { defineCommand, noOptions, say } from './command.ts';

const onErrorOf = ({ logLevel }: Config) => {
  const log = createLog({ level: logLevel });
  return ({ message }: Error) => log.warn('A message could not be handled', { reason: message });
};

/** Resolves when this process is told to end. Under npm it is told twice; the second time must not kill it. */
export function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

/** Serves a context as its configuration says, with the token that clients have to send. */
export async function serveOverHttp(context: Context, port = context.config.port) {
  const [{ serveHttp }, { httpToken }, { serverProof }] = await Promise.all([
    import('../transports/http.ts'),
    import('./http-token.ts'),
    import('./server-proof.ts'),
  ]);
  const { config } = context;
  const { host, allowedHosts, allowedOrigins } = config;
  const token = httpToken(config);
  const server = await serveHttp(context, {
    host,
    port,
    token,
    allowedHosts,
    allowedOrigins,
    prove: serverProof(config, token),
    onError: onErrorOf(config),
  });
  return { ...server, token };
}

async function overHttp(context: Context): Promise<void> {
  const told = untilTold();
  const server = await serveOverHttp(context);
  const { tokenFile } = await import('./http-token.ts');
  const { bearerToken } = context.config;
  const token = bearerToken ? 'the configured one' : `in ${tokenFile(context.config)}`;
  say(`agentcore-mcp: MCP at ${server.url}; bearer token: ${server.token ? token : 'none'}`);
  await told;
  await server.close();
}

export const command = defineCommand({
  options: noOptions,

  async run({ config }) {
    const context = createContext(config);
    if (config.transport === 'http') {
      await overHttp(context);
    } else {
      const { serveStdio } = await import('../transports/stdio.ts');
      if (process.stdin.isTTY)
        say(
          'agentcore-mcp: waiting for an MCP client on standard input; --help lists the commands, Ctrl+C ends.',
        );
      await serveStdio(context, { onError: onErrorOf(config) });
    }
    return 0;
  },
});
