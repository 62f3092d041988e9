import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { extname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledCode } from '../../platform/compile-cache.ts';
import { pythonHome } from '../../platform/paths.ts';
import { hideSecretShapes } from '../../platform/secret-shapes.ts';
import type { LogLevel } from '../log.ts';
import { type ServiceSettings, settingsVariables } from './settings.ts';

/** How an engine is started; an engine that is already running keeps its own. */
export interface SpawnSettings extends ServiceSettings {
  /** Exit after this many seconds without sessions, tasks and requests. Default 900. */
  idleSeconds?: number;
  logLevel?: LogLevel;
}

/** An engine process on its way up. */
export interface StartingEngine {
  /** It has ended because another engine holds the data directory. */
  lostRace(): boolean;
  /** Why it did not come up, when it has ended for another reason. */
  failure(): string | undefined;
  /** The end of what it logged, ready to follow a sentence; empty when it logged nothing. */
  logTail(): string;
  /** Lets go of the process; ends it where another one is the engine that answered, before it can become one later. */
  release(answered: number | undefined): void;
}

/** The exit code of an engine that found its data directory taken. */
export const exitTaken = 75;

const IDLE_SECONDS = 900;
const MAX_LOG_BYTES = 5_000_000;
const TAIL_BYTES = 4_000;
const TAIL_LINES = 20;

/** What an engine may know of the environment: enough to find programs and folders, no credentials. */
const keptVariables =
  /^(PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|SYSTEMROOT|WINDIR|PATHEXT|COMSPEC|USERPROFILE|LOCALAPPDATA|APPDATA|ELECTRON_RUN_AS_NODE)$/i;

/** Starts an engine process that outlives this one and logs to `engine.log` in its data directory. */
export function spawnEngine(dataDir: string, settings: SpawnSettings): StartingEngine {
  const logFile = join(dataDir, 'engine.log');
  const logStart = rotate(logFile);
  const log = openSync(logFile, 'a', 0o600);
  let ended: string | undefined;
  let exitCode: number | null = null;

  const child = spawn(process.execPath, engineArguments(dataDir, settings), {
    cwd: parse(dataDir).root,
    env: { ...engineEnvironment(process.env), ...settingsVariables(settings, process.env) },
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', (error) => {
    ended = `The engine could not be started with ${process.execPath}: ${error.message}.`;
  });
  child.on('exit', (code, signal) => {
    exitCode = code;
    ended = `The engine ended while starting (${signal ?? `exit code ${code}`}).`;
  });

  return {
    lostRace: () => exitCode === exitTaken,
    failure: () => (exitCode === exitTaken ? undefined : ended),
    logTail: () => tail(logFile, logStart),
    release: (answered) => {
      child.removeAllListeners('exit');
      if (answered !== undefined && child.pid !== answered) child.kill();
      child.unref();
    },
  };
}

/** The entry of the engine process: `main.ts` from sources, `main.js` when built. */
function engineArguments(dataDir: string, settings: SpawnSettings): string[] {
  const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
  const { idleSeconds = IDLE_SECONDS, logLevel } = settings;
  return [
    main,
    ...['--data-dir', dataDir, '--idle-seconds', String(idleSeconds)],
    ...(logLevel ? ['--log-level', logLevel] : []),
  ];
}

/** The engine starts in another folder, so paths are given to it in full. */
function engineEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => keptVariables.test(name)));
  return { ...kept, AGENTCORE_MCP_PYTHON_HOME: pythonHome(env), NODE_COMPILE_CACHE: compiledCode(env) };
}

/** Sets a log that has grown too long aside. Returns where in the file the new engine begins to write. */
function rotate(logFile: string): number {
  try {
    const { size } = statSync(logFile);
    if (size < MAX_LOG_BYTES) return size;
    renameSync(logFile, `${logFile}.1`);
  } catch {
    // Not there yet, or another starter was faster.
  }
  return 0;
}

function tail(logFile: string, from: number): string {
  const text = readFileSync(logFile).subarray(from).subarray(-TAIL_BYTES).toString();
  const lines = text.trim().split('\n').slice(-TAIL_LINES).join('\n');
  return lines === '' ? '' : ` The end of its log, ${logFile}:\n${hideSecretShapes(lines)}`;
}
