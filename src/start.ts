import { createServer } from 'node:net';
import { z } from 'zod';
import { print, say } from './cli/command.ts';
import { serveOverHttp, untilTold } from './cli/serve.ts';
import { completeConfig, configTable } from './config.ts';
import { programVersion } from './engine/version.ts';
import { readOptions, toggle, UsageError } from './options.ts';
import { createContext } from './server.ts';
import { clientConfiguration, launchOf } from './start/client-config.ts';
import { takeTour } from './start/tour.ts';

/** How long a connection may hold up the end of the process. */
const LINGER_MS = 2_000;
const PORTS_TRIED = 20;
const interruptedExit = 130;

const startTable = z.object({
  ...configTable.shape,
  noTour: toggle({ group: 'Start', flagOnly: true, description: 'Only serve.' }),
  tourOnly: toggle({
    group: 'Start',
    flagOnly: true,
    description: 'End after the tour; the exit code says how it went.',
  }),
});

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** The wanted port or the first free one above it. */
async function freePort(host: string, wanted: number): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + PORTS_TRIED, 65_536); port++) {
    if (!(await isFree(host, port))) continue;
    if (port !== wanted) print(`Port ${wanted} is taken; ${port} it is.`);
    return port;
  }
  return wanted;
}

/** `npm start`: serves MCP over HTTP, shows that it works, and says how to connect clients. */
async function start(args: readonly string[]): Promise<number> {
  const surroundings = { env: process.env, cwd: process.cwd() };
  const { values, positionals } = readOptions(startTable, args, process.env);
  if (positionals.length > 0)
    throw new UsageError(`Unexpected argument "${positionals[0]}". Options begin with --.`);
  if (values.noTour && values.tourOnly) throw new UsageError('--no-tour and --tour-only exclude each other.');
  const config = completeConfig(values, surroundings);
  const told = untilTold();
  const server = await serveOverHttp(createContext(config), await freePort(config.host, config.port));
  const { url, token } = server;
  try {
    const behind = config.backend === 'aws' ? 'AWS' : 'the local engine';
    print(`agentcore-mcp ${programVersion} serves MCP at ${url}, with ${behind} behind it.`);
    if (!values.noTour) {
      const tour = takeTour({ url, token, workspace: config.workspace, print });
      const worked = await Promise.race([tour, told.then(() => undefined)]);
      if (worked === undefined) return interruptedExit;
      if (values.tourOnly) return worked ? 0 : 1;
    }
    print('\nConnect a client:\n');
    print(clientConfiguration(launchOf(config, surroundings), { url, token }));
    print(`\nServing MCP at ${url}. Ctrl+C ends it.`);
    await told;
    return 0;
  } finally {
    await server.close();
  }
}

try {
  process.exitCode = await start(process.argv.slice(2));
} catch (error) {
  say(`agentcore-mcp: ${(error as Error).message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
setTimeout(() => process.exit(), LINGER_MS).unref();
