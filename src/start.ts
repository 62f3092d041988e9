import { z } from 'zod';
import { print, say, spoken } from './cli/command.ts';
import { serveOverHttp, untilTold } from './cli/serve.ts';
import { type Config, completeConfig } from './config.ts';
import { configTable } from './config-table.ts';
import { readOptions, toggle, UsageError, value } from './options.ts';
import { inShell, ownCommand } from './platform/own-command.ts';
import { programVersion } from './platform/version.ts';
import { createContext } from './server.ts';
import { clientConfiguration, flagsOf, launchOf } from './start/client-config.ts';
import { freePort } from './start/port.ts';
import { takeTour } from './start/tour.ts';

/** How long a connection may hold up the end of the process. */
const LINGER_MS = 2_000;
const interruptedExit = 130;

const startTable = z.object({
  noTour: toggle({ group: 'Start', flagOnly: true, description: 'Only serve.' }),
  tourOnly: toggle({
    group: 'Start',
    flagOnly: true,
    description: 'End after the tour; the exit code says how it went.',
  }),
  ...configTable.shape,
  transport: value(
    z.enum(['http'], 'http, because `npm start` always serves HTTP. For stdio, clients start dist/cli.js'),
    { group: 'Server', default: 'http', description: 'How clients connect: `npm start` always serves HTTP.' },
  ),
});

async function printHelp(): Promise<void> {
  const { describeTable } = await import('./cli/help.ts');
  print('npm start -- [options]\n');
  print('Serve MCP over HTTP, take a short tour through it, and print the configuration for clients.\n');
  print(describeTable(startTable));
}

/** How to look for the cause when the tour did not work. */
function printAdvice(flags: readonly string[], goesOn: boolean): void {
  const doctor = ownCommand(['doctor', ...flags].map(inShell).join(' '));
  print(`\nTo see what is off, and its cure, run:\n  ${doctor}`);
  if (goesOn) print('The server goes on serving.');
}

function printEngineEnd({ backend, engineIdle }: Config): void {
  if (backend === 'aws') return;
  print(`The local engine behind it ends by itself after ${spoken(engineIdle)} without work.`);
}

/** `npm start`: serves MCP over HTTP, shows that it works, and says how to connect clients. */
async function start(args: readonly string[]): Promise<number> {
  if (args.some((word) => word === '--help' || word === '-h')) {
    await printHelp();
    return 0;
  }
  const surroundings = { env: process.env, cwd: process.cwd() };
  const { values, positionals } = readOptions(startTable, args, process.env);
  if (positionals.length > 0)
    throw new UsageError(`Unexpected argument "${positionals[0]}". Options begin with --.`);
  if (values.noTour && values.tourOnly) throw new UsageError('--no-tour and --tour-only exclude each other.');
  const config = completeConfig(values, surroundings);
  const told = untilTold();
  const interrupted = new AbortController();
  void told.then(() => interrupted.abort());
  const server = await serveOverHttp(createContext(config), await freePort(config, print));
  const { url, token } = server;
  try {
    const behind = config.backend === 'aws' ? 'AWS' : 'the local engine';
    print(`agentcore-mcp ${programVersion} serves MCP at ${url}, with ${behind} behind it.`);
    if (!values.noTour) {
      const { signal } = interrupted;
      const worked = await takeTour({ url, token, workspace: config.workspace, print, signal });
      if (signal.aborted) return interruptedExit;
      if (!worked) printAdvice(flagsOf(config, surroundings), !values.tourOnly);
      if (values.tourOnly) {
        printEngineEnd(config);
        return worked ? 0 : 1;
      }
    }
    print('\nConnect a client:\n');
    print(clientConfiguration(launchOf(config, surroundings), { url, token }));
    print(`\nServing MCP at ${url}. Ctrl+C ends this server.`);
    printEngineEnd(config);
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
