import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Bench } from '../harness/bench.ts';
import { dataClient, startEngine } from '../harness/engine.ts';
import { connectServer } from '../harness/mcp.ts';
import { program } from '../harness/places.ts';
import { isRunning, treeOf } from '../harness/processes.ts';
import { within } from '../harness/rounds.ts';
import { deploy, useAgent } from './agent-sessions.ts';
import { CodeSessions, useTool } from './code-sessions.ts';
import { look, type Sample } from './watch.ts';

const SAMPLES = 60;
const LEAST_INTERVAL_MS = 250;
const MOST_INTERVAL_MS = 5_000;
/** No use of a session takes so long, on whatever machine. */
const USE_MS = 120_000;
const MOST_FAILURES = 20;
/** Node collects garbage when it has to, not when it could; memory is looked at after it was told to. */
const collecting = ['--expose-gc', '--import', pathToFileURL(program('collect-on-signal.mjs')).href];
const COLLECT_MS = 150;
/** Every so many sessions, one that is misused. */
const CRASH_EVERY = 7;
const MEMORY_EVERY = 25;
const REDEPLOY_EVERY = 20;

export interface SoakResult {
  samples: Sample[];
  failures: string[];
  sessions: number;
}

export interface SoakOptions {
  seconds: number;
  /** Ends it early, in order. */
  signal: AbortSignal;
  /** Told of each sample. */
  progress?(sample: Sample): void;
}

/** Starts, uses and ends sessions for some time on an engine of its own, and looks at what that engine holds. */
export async function soak({ seconds, signal, progress = () => {} }: SoakOptions): Promise<SoakResult> {
  const bench = new Bench({ quick: false });
  const result: SoakResult = { samples: [], failures: [], sessions: 0 };
  try {
    const tmp = bench.makeFolder('tmp');
    const engine = await startEngine(bench, { tmp, node: collecting });
    const { pid } = engine.process;
    const client = dataClient(bench, engine);
    const server = await connectServer(bench, engine.dataDir);
    const code = new CodeSessions(client);
    let arn = await deploy(server, 0);

    const begun = performance.now();
    const goesOn = () =>
      !signal.aborted &&
      performance.now() - begun < seconds * 1_000 &&
      result.failures.length < MOST_FAILURES;
    const worker = async (name: string, use: (turn: number) => Promise<void>) => {
      for (let turn = 1; goesOn(); turn++) {
        await within(use(turn), USE_MS, name).then(
          () => result.sessions++,
          (error: Error) => result.failures.push(`${name}, session ${turn}: ${error.name}: ${error.message}`),
        );
      }
    };
    const watcher = async () => {
      const intervalMs = Math.min(MOST_INTERVAL_MS, Math.max(LEAST_INTERVAL_MS, (seconds * 1_000) / SAMPLES));
      while (goesOn()) {
        engine.process.process.kill('SIGUSR2');
        await sleep(COLLECT_MS);
        const sample = {
          seconds: (performance.now() - begun) / 1_000,
          sessions: result.sessions,
          ...look(pid, engine.dataDir),
        };
        result.samples.push(sample);
        progress(sample);
        await sleep(intervalMs, undefined, { signal }).catch(() => {});
      }
    };
    await Promise.all([
      worker('Code', (turn) => {
        if (turn % MEMORY_EVERY === 0) return code.misuse('memory');
        return turn % CRASH_EVERY === 0 ? code.misuse('crash') : code.use();
      }),
      worker('run_code', () => useTool(server)),
      worker('Agent', async (turn) => {
        if (turn % REDEPLOY_EVERY === 0) arn = await deploy(server, turn);
        await useAgent(client, arn);
      }),
      watcher(),
    ]);

    const tree = treeOf(pid);
    await server.close();
    await engine.process.end();
    result.failures.push(...leftovers(tree, tmp, bench.folder));
  } finally {
    await bench.end();
  }
  return result;
}

/** What is still there although the engine has ended. */
function leftovers(tree: readonly number[], tmp: string, folder: string): string[] {
  const running = tree.filter(isRunning).map((pid) => `Process ${pid} of the engine's tree still runs.`);
  const files = readdirSync(tmp).map((name) => `${name} was left in the folder for temporary files.`);
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder))
    .map((line) => `A mount was left: ${line}`);
  return [...running, ...files, ...mounts];
}
