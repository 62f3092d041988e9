import { createServer } from 'node:net';
import { servesTheSame } from '../cli/server-proof.ts';
import type { Config } from '../config.ts';
import { inUrl } from '../transports/guards.ts';

const PORTS_TRIED = 20;
const ANSWER_MS = 1_000;

/** The wanted port or the first free one above it; `print` gets a line on why it is another one. */
export async function freePort(config: Config, print: (line: string) => void): Promise<number> {
  const { host, port: wanted } = config;
  for (let port = wanted; port < Math.min(wanted + PORTS_TRIED, 65_536); port++) {
    if (!(await isFree(host, port))) continue;
    if (port !== wanted) print(await taken(config, port));
    return port;
  }
  return wanted;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

async function taken(config: Config, port: number): Promise<string> {
  const { host, port: wanted } = config;
  const near = ['0.0.0.0', '::', '[::]'].includes(host) ? 'localhost' : host;
  const origin = `http://${inUrl(near)}:${wanted}`;
  if (await servesTheSame(origin, config))
    return (
      `agentcore-mcp already serves at ${origin}/mcp; clients can use that one. ` +
      `This is a second server, on port ${port}: its URLs are valid only while it runs.`
    );
  if (await isThisProgram(origin))
    return (
      `Port ${wanted} is held by an agentcore-mcp server that does not show that it takes the same token; ` +
      `it may be that of another user or data directory. ${port} it is.`
    );
  return `Port ${wanted} is taken; ${port} it is.`;
}

/** Asked without a token, which whoever else listens there must not get; the refusal names the program. */
async function isThisProgram(origin: string): Promise<boolean> {
  try {
    const url = `${origin}/mcp`;
    const { status, headers } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    return status === 401 && /\brealm="agentcore-mcp"/.test(headers.get('www-authenticate') ?? '');
  } catch {
    return false;
  }
}
