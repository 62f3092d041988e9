import { DataDirTakenError, type Engine, type EngineOptions, startEngine } from '../index.ts';
import { boundedWriter, createLog, type LogLevel } from '../log.ts';
import { exitTaken } from './spawn.ts';
import { trustLines } from './tls/trust-lines.ts';

export interface RunOptions extends Omit<EngineOptions, 'log'> {
  /** Outlive the terminal that started it; standard error is a file of its own then. */
  detached?: boolean;
  /** What goes to standard error. Default `info`. */
  logLevel?: LogLevel;
}

const STDERR = 2;
const MAX_LOG_BYTES = 20_000_000;

/**
 * Makes this process an engine until it is told to stop by a signal or a client, or has been idle for long enough. Says
 * on standard output, as one JSON object on a line, when it is ready: `{"ready": true, "url": ..., "dataDir": ...}`,
 * with `tlsUrl` and `caFile` where it listens with TLS, and with `controlUrl` and `controlToken` where it has no data directory of its user's.
 * Logs to standard error.
 * @returns The exit code: 0 after an end in order, 75 when another engine has the data directory, 1 when it cannot start.
 */
export async function runEngine({ detached = false, logLevel, ...options }: RunOptions): Promise<number> {
  const log = createLog({
    level: logLevel,
    ...(detached && { write: boundedWriter(STDERR, MAX_LOG_BYTES) }),
  });
  process.umask(0o077);
  // Whoever read our output may be gone; the engine works on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  let engine: Engine;
  try {
    engine = await startEngine({ ...options, log });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return error instanceof DataDirTakenError ? exitTaken : 1;
  }

  // A fault in one request must not take the sessions of all others with it; the store is safe at any moment.
  process.on('uncaughtException', (error) => log.error('An error that nobody caught', { error }));
  process.on('unhandledRejection', (error) => log.error('A rejection that nobody caught', { error }));
  endOnSignals(engine, detached);
  if (engine.tls) process.stderr.write(trustLines(engine.tls).join('\n'));
  process.stdout.write(`${JSON.stringify(readyLine(engine, options))}\n`);
  await engine.ended;
  return 0;
}

/** Under npm, Ctrl-C arrives twice: what is heard only once would let the second signal kill in the middle of the end. */
function endOnSignals(engine: Engine, detached: boolean): void {
  const end = (signal: NodeJS.Signals) => void engine.close(signal);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('SIGHUP', detached ? () => {} : end);
}

function readyLine(engine: Engine, { auth = 'sigv4' }: EngineOptions) {
  const { url, version, storeVersion, generation, pid, dataDir, controlUrl, controlToken } = engine;
  const control = controlUrl && { controlUrl, controlToken };
  const tls = engine.tls && { tlsUrl: engine.tls.url, caFile: engine.tls.caFile };
  return { ready: true, url, version, storeVersion, generation, pid, dataDir, auth, ...tls, ...control };
}
