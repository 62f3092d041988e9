import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BedrockAgentCoreServiceException, RuntimeClientError } from '@aws-sdk/client-bedrock-agentcore';
import type { Clock, Timer } from '../../clock.ts';
import {
  type AgentAnswer,
  type AgentRequest,
  ContractClient,
  ContractError,
  ping,
} from '../../contract/index.ts';
import { type Process, SandboxError, type SpawnOptions } from '../../sandbox/sandbox.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Bytecode } from './session-bytecode.ts';
import { type Contract, contracts } from './session-contract.ts';
import { watchHealth } from './session-health.ts';
import { SessionLog } from './session-log.ts';
import { becomesReady, isServedStill } from './session-ready.ts';
import { nameInterpreter, type Started, type StartParts, startSandbox } from './session-start.ts';
import type { Target } from './target.ts';

/** What is kept of what an agent prints: a burst, and per second; both in bytes. */
const OUTPUT = { burst: 4 * 1024 ** 2, perSecond: 256 * 1024 };
const PING_DEADLINE_MS = 5_000;
/** How long the news of a process's end may take after its connections broke. */
const NEWS_MS = 1_000;
/** How long a daemon may take to answer after the process that was started has left it. */
const DAEMON_MS = 2_000;
/** How long the last of what was printed may take. */
const PRINTING_MS = 2_000;

export interface ComputeParts extends StartParts {
  logs: LogStore;
  clock: Clock;
  bytecode: Bytecode;
  /** How long an agent may take until it is healthy, in milliseconds. Default: two minutes, for large packages. */
  startDeadlineMs?: number;
}

/** What runs for one session id: a sandbox with the agent's own server in it, from its start to its end. */
export class Compute {
  readonly target: Target;
  readonly sessionId: string;
  readonly contract: Contract;
  readonly log: SessionLog;
  /** Resolves when the agent is healthy. Rejects with RuntimeClientError when it does not get there. */
  readonly ready: Promise<void>;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  readonly #parts: ComputeParts;
  readonly #started: Promise<Started>;
  readonly #client: ContractClient;
  readonly #stop = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #lifetime: Timer;
  #printing: Promise<void> = Promise.resolve();
  #users = 0;
  #lastUsed: number;
  #ending: string | undefined;
  #isReady = false;

  constructor(parts: ComputeParts, target: Target, sessionId: string) {
    const { protocol, lifetimeSeconds } = target.config;
    this.#parts = parts;
    this.#lastUsed = parts.clock.now();
    this.target = target;
    this.sessionId = sessionId;
    this.contract = contracts[protocol];
    this.log = new SessionLog(parts, target, sessionId);
    this.ended = this.#ended.promise;
    this.#client = new ContractClient(() => this.connect(), this.contract.port);
    const old = `its lifetime of ${lifetimeSeconds} s was over`;
    this.#lifetime = parts.clock.after(lifetimeSeconds * 1000, () => void this.end(old));
    this.#started = startSandbox(parts, target, sessionId);
    this.ready = this.#start();
    this.ready.catch(() => {});
  }

  /** Why it ends or has ended, once it does. */
  get ending(): string | undefined {
    return this.#ending;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Says that somebody uses it, until the function answered is called. */
  enter(): () => void {
    this.#users++;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#users--;
      this.#lastUsed = this.#parts.clock.now();
    };
  }

  /** @throws ContractError, or the reason of the request's signal. */
  request(request: AgentRequest): Promise<AgentAnswer> {
    return this.#client.request(request);
  }

  /** Connects to the agent's port. @throws SandboxError */
  async connect(): Promise<Duplex> {
    return (await this.#started).sandbox.connect(this.contract.port);
  }

  /** Starts a program beside the agent. @throws SandboxError */
  async spawn(argv: readonly string[], options?: SpawnOptions): Promise<Process> {
    return (await this.#started).sandbox.spawn(argv, options);
  }

  /** Whether it has ended, or does within a moment; if so, nothing of it is left. */
  async endsSoon(): Promise<boolean> {
    const { promise: moment, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, NEWS_MS);
    await Promise.race([this.#news(), moment]);
    clearTimeout(timer);
    if (this.#ending === undefined) return false;
    await this.ended;
    return true;
  }

  /** The error to answer for what went wrong with a call. */
  async explain(error: unknown): Promise<unknown> {
    if (error instanceof BedrockAgentCoreServiceException) return error;
    if (!(error instanceof ContractError || error instanceof SandboxError)) return error;
    if (await this.endsSoon()) return this.failure(`The session ended during the call: ${this.#ending}.`);
    return this.failure(error instanceof ContractError ? `The agent ${error.message}.` : error.message);
  }

  /** An error with the end of what the agent printed, and where to read on. */
  failure(what: string): RuntimeClientError {
    const words = this.log.lastWords();
    const message = `${what}${words && ` Last printed:\n${words}\n`} See ${this.log.whereabouts()}.`;
    return new RuntimeClientError({ $metadata: {}, message });
  }

  /** Ends it, for the first reason given. Resolves when nothing is left. */
  end(reason: string): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = reason;
      this.#lifetime.cancel();
      this.#stop.abort();
      void this.#close().finally(this.#ended.resolve);
    }
    return this.ended;
  }

  async #start(): Promise<void> {
    const { signal } = this.#stop;
    try {
      const { sandbox, argv, interpreter } = await this.#started;
      void sandbox.ended.then((reason) => this.end(reason));
      void this.#parts.storage.watch(this.target, this.sessionId, signal, (reason) => this.end(reason));
      const agent = await sandbox.spawn(argv, { output: OUTPUT });
      this.#printing = this.#print(agent);
      this.log.remark(`started with ${nameInterpreter(interpreter, this.target.config.runtime)}`);
      agent.exited.then(
        (code) => this.#exited(code),
        () => {},
      );
      await becomesReady(this.#client, this.contract, { deadlineMs: this.#parts.startDeadlineMs, signal });
    } catch (error) {
      void this.end((error as Error).message);
    }
    if (this.#ending !== undefined) {
      await this.ended;
      throw this.failure(`The agent did not start: ${this.#ending}.`);
    }
    this.#isReady = true;
    this.#lastUsed = this.#parts.clock.now();
    this.#parts.bytecode.prepare(this.target, (await this.#started).interpreter);
    void this.#watch(signal);
  }

  #watch(signal: AbortSignal): Promise<void> {
    const pinging = { deadlineMs: PING_DEADLINE_MS, lenient: this.contract.lenientPing };
    return watchHealth(
      {
        idleMs: this.target.config.idleSeconds * 1000,
        ping: () => ping(this.#client, pinging),
        users: () => this.#users,
        lastUsed: () => this.#lastUsed,
        onEnd: (reason) => void this.end(reason),
        clock: this.#parts.clock,
      },
      signal,
    );
  }

  /** One that ends well may have left a daemon behind. */
  async #exited(code: number): Promise<void> {
    const patience = { deadlineMs: this.#isReady ? 0 : DAEMON_MS, signal: this.#stop.signal };
    if (code !== 0) void this.end(exitReason(code));
    else if (await isServedStill(this.#client, this.contract, patience))
      this.log.remark('its process ended with exit code 0, but left a server behind, which goes on');
    else void this.end(`${exitReason(code)}, and nothing answers on port ${this.contract.port}`);
  }

  async #print(agent: Process): Promise<void> {
    try {
      for await (const printed of agent.output) this.log.print(printed);
    } catch {
      // The sandbox has ended, which is told elsewhere.
    }
  }

  /** Resolves when it begins to end. */
  #news(): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  async #close(): Promise<void> {
    this.#client.close();
    const started = await this.#started.catch(() => undefined);
    await started?.sandbox.close().catch((error) => this.log.remark(`its sandbox did not close: ${error}`));
    started?.egress.close();
    await Promise.race([this.#printing, sleep(PRINTING_MS, undefined, { ref: false })]);
    this.log.finish();
    this.log.remark(`ended: ${this.#ending}`);
    await this.#parts.storage.touch(this.target, this.sessionId).catch(() => {});
  }
}

function exitReason(code: number): string {
  const [signal] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return `its process ended with exit code ${code}${signal ? ` (${signal})` : ''}`;
}
