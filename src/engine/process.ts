import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inShell, ownCommand } from '../platform/own-command.ts';
import { compareVersions, programVersion } from '../platform/version.ts';
import { prepareDataDir } from './process/data-dir.ts';
import { askToStop, type Introduction, introduce } from './process/handshake.ts';
import { type Credentials, defaultAccount, defaultRegion, type Keys, openKeys } from './process/keys.ts';
import { readRecord } from './process/record.ts';
import { type ServiceSettings, settingsMark } from './process/settings.ts';
import { type SpawnSettings, type StartingEngine, spawnEngine } from './process/spawn.ts';

export { type Credentials, defaultAccount, defaultRegion };

/** An engine that has proved to be the one of its data directory. */
export interface RunningEngine extends Introduction {
  /** Set when this is not the engine the caller's version would have started; meant for the user. */
  notice?: string;
  /**
   * The key pair of an account; the default account's without one.
   * @throws RangeError when `account` is not a number of 12 digits.
   */
  credentials(account?: string): Credentials;
}

export interface EnsureOptions extends SpawnSettings {
  /** Made when it is not there. */
  dataDir: string;
  /** The caller's version; an older engine without live sessions is replaced. Default: this program's. */
  version?: string;
  /** How long a start may take, in milliseconds. Default 30,000. */
  startTimeoutMs?: number;
}

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 40;

/**
 * The one engine of a data directory: the running one, or a new process that outlives the caller. Callers racing for
 * it, also in different processes, get the same.
 * @throws Error when the data directory cannot be used, or no engine answers in time; with the end of the engine's log.
 */
export async function ensureEngine(options: EnsureOptions): Promise<RunningEngine> {
  const { version = programVersion, startTimeoutMs = START_TIMEOUT_MS } = options;
  const dataDir = resolve(options.dataDir);
  prepareDataDir(dataDir);
  const keys = openKeys(dataDir);
  const wanted = { dataDir, version, settings: settingsMark(options, keys) };
  const deadline = Date.now() + startTimeoutMs;
  let starting: StartingEngine | undefined;
  let answered: number | undefined;
  try {
    while (Date.now() < deadline) {
      const found = await introduceRecorded(dataDir, keys);
      const settled = found && (starting || (await keepOrStop(found, wanted, keys)));
      if (found && settled) {
        answered = found.pid;
        return running(found, wanted, keys);
      }
      if (!found) starting = await startOrAwait(starting, dataDir, options);
      await sleep(POLL_MS);
    }
  } finally {
    starting?.release(answered);
  }
  throw new Error(noAnswer(dataDir, startTimeoutMs, starting));
}

/**
 * The running engine of a data directory, if there is one; starts and changes nothing.
 * @param settings What the caller has chosen, if its notice is to say when the engine works otherwise.
 */
export async function findEngine(
  dataDir: string,
  settings: ServiceSettings = {},
): Promise<RunningEngine | undefined> {
  if (!readRecord(dataDir)) return undefined;
  const keys = openKeys(dataDir);
  const found = await introduceRecorded(dataDir, keys);
  const wanted = { dataDir, version: programVersion, settings: settingsMark(settings, keys) };
  return found && running(found, wanted, keys);
}

/**
 * Stops the running engine of a data directory, with everything in it, and waits until it is gone.
 * @returns False when there is none, or when it has live sessions and `ifIdle` is set.
 * @throws Error when it does not end in time.
 */
export async function stopEngine(
  dataDir: string,
  { ifIdle = false, timeoutMs = START_TIMEOUT_MS }: { ifIdle?: boolean; timeoutMs?: number } = {},
): Promise<boolean> {
  const found = await findEngine(dataDir);
  if (!found) return false;
  const answer = await askToStop(found, openKeys(dataDir), { ifIdle });
  if (answer && !answer.stopping) return false;
  const deadline = Date.now() + timeoutMs;
  while (readRecord(dataDir)?.generation === found.generation) {
    if (Date.now() > deadline)
      throw new Error(`The engine of ${dataDir} (pid ${found.pid}) did not stop in time.`);
    await sleep(POLL_MS);
  }
  return true;
}

async function introduceRecorded(dataDir: string, keys: Keys): Promise<Introduction | undefined> {
  const record = readRecord(dataDir);
  return record && introduce(record.url, keys);
}

/** The engine a caller would start itself. */
interface Wanted {
  dataDir: string;
  version: string;
  /** None where the caller has chosen nothing and takes what there is. */
  settings?: string | undefined;
}

/** True to keep using it; another engine that nobody uses is told to stop instead, so that the next round starts ours. */
async function keepOrStop(found: Introduction, wanted: Wanted, keys: Keys): Promise<boolean> {
  if (!(isOlder(found, wanted) || isSetOtherwise(found, wanted)) || found.live > 0) return true;
  const answer = await askToStop(found, keys, { ifIdle: true });
  return answer?.stopping === false;
}

async function startOrAwait(
  starting: StartingEngine | undefined,
  dataDir: string,
  settings: SpawnSettings,
): Promise<StartingEngine> {
  if (!starting || starting.lostRace()) return spawnEngine(dataDir, settings);
  const failure = starting.failure();
  if (failure) throw new Error(`${failure}${starting.logTail()}`);
  return starting;
}

function running(found: Introduction, wanted: Wanted, keys: Keys): RunningEngine {
  return { ...found, notice: noticeFor(found, wanted), credentials: keys.credentials };
}

const isOlder = (found: Introduction, { version }: Wanted) => compareVersions(found.version, version) < 0;
const isSetOtherwise = (found: Introduction, { settings }: Wanted) =>
  settings !== undefined && settings !== found.settings;

function noticeFor(found: Introduction, wanted: Wanted): string | undefined {
  const differs = isOlder(found, wanted)
    ? `is version ${found.version}, older than this program's ${wanted.version},`
    : isSetOtherwise(found, wanted)
      ? 'was started with other settings for models or agents'
      : undefined;
  if (!differs) return undefined;
  const sessions = found.live === 1 ? '1 live session or task' : `${found.live} live sessions or tasks`;
  return (
    `The local engine (pid ${found.pid}) ${differs} and has ${sessions}. ` +
    'It goes on serving; the first call that finds it without sessions and tasks replaces it. ' +
    `To end it now: ${ownCommand(`engine --stop --data-dir ${inShell(wanted.dataDir)}`)}`
  );
}

function noAnswer(dataDir: string, waitedMs: number, starting: StartingEngine | undefined): string {
  const pid = readRecord(dataDir)?.pid;
  const holder = pid === undefined ? '' : ` If process ${pid} is an engine that hangs, end it and try again.`;
  return `No engine answered for ${dataDir} within ${waitedMs / 1000} s.${holder}${starting?.logTail() ?? ''}`;
}
