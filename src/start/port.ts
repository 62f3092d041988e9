import { createServer } from 'node:net';
import { inUrl } from '../transports/guards.ts';

const PORTS_TRIED = 20;
const ANSWER_MS = 1_000;

/** The wanted port or the first free one above it; `print` gets a line on why it is another one. */
export async function freePort(host: string, wanted: number, print: (line: string) => void): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + PORTS_TRIED, 65_536); port++) {
    if (!(await isFree(host, port))) continue;
    if (port !== wanted) print(await taken(host, wanted, port));
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

async function taken(host: string, wanted: number, port: number): Promise<string> {
  const near = ['0.0.0.0', '::', '[::]'].includes(host) ? 'localhost' : host;
  const url = `http://${inUrl(near)}:${wanted}/mcp`;
  if (!(await isOurs(url))) return `Port ${wanted} is taken; ${port} it is.`;
  return (
    `agentcore-mcp already serves at ${url}; clients can use that one. ` +
    `This is a second server, on port ${port}: its URLs are valid only while it runs.`
  );
}

/** Asked without a token, which whoever else listens there must not get; the refusal names the program. */
async function isOurs(url: string): Promise<boolean> {
  try {
    const { status, headers } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    return status === 401 && /\brealm="agentcore-mcp"/.test(headers.get('www-authenticate') ?? '');
  } catch {
    return false;
  }
}
