import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { onTestFinished } from 'vitest';
import { type Engine, type EngineOptions, startEngine } from '../../src/engine/index.ts';
import {
  type EnsureOptions,
  ensureEngine,
  findEngine,
  type RunningEngine,
  stopEngine,
} from '../../src/engine/process.ts';
import type { Service } from '../../src/engine/service.ts';

/** The engine process of a data directory, stopped after the test. */
export async function ensured(dataDir: string, options: Partial<EnsureOptions> = {}): Promise<RunningEngine> {
  stopAfterTest(dataDir);
  return ensureEngine({ dataDir, idleSeconds: 120, ...options });
}

export function stopAfterTest(dataDir: string): void {
  onTestFinished(async () => void (await stopEngine(dataDir)));
}

/** An engine in the test's own process, closed after the test. */
export async function started(options: EngineOptions = {}): Promise<Engine> {
  const engine = await startEngine({ spares: 0, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

/** A service with nothing to offer and as many live sessions as told. */
export function liveService(live = { count: 0 }): () => Service[] {
  return () => [{ handlers: {}, live: () => live.count, close: async () => {} }];
}

export function dataClient(engine: Pick<RunningEngine, 'url' | 'credentials'>, account?: string) {
  const client = new BedrockAgentCoreClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: engine.credentials(account),
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** A process that runs a file of test/fixtures; killed after the test if it is still there. */
export class Fixture {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stderr = '';
  readonly #lines: AsyncIterator<string>;

  constructor(file: string, args: string[], options: { uid?: number; env?: NodeJS.ProcessEnv } = {}) {
    const path = fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url));
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.process = child;
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await this.ended;
    });
  }

  /** The next line it prints, as JSON. */
  async line<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The fixture ended without a line:\n${this.stderr}`);
    return JSON.parse(value);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.process.kill(signal);
    await this.ended;
  }
}

/** Waits until `what` gives something, for at most half a minute. */
export async function until<T>(what: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await what();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Still waiting after 30 s for: ${what}`);
    await sleep(25);
  }
}

export const gone = (dataDir: string) => until(async () => !(await findEngine(dataDir)));

/** Whether a process is there and not a zombie. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** One plain HTTP request, with whatever headers. */
export function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sent.on('error', reject).end(body);
  });
}
