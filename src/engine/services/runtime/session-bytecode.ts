import type { Log } from '../../log.ts';
import type { Interpreter } from '../../sandbox/interpreters.ts';
import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts';
import type { Scope } from '../../service.ts';
import { CODE } from './session-contract.ts';
import type { Target } from './target.ts';

/** Packages that are not compiled make every start of an agent compile them: 5 s for the AgentCore SDK alone. */
const COMPILE = ['-I', '-m', 'compileall', '-q', CODE];
/** What is compiled is for sessions of other user ids as well. */
const READABLE = ['/bin/sh', '-c', 'umask 022 && exec "$@"', 'sh'];

/** There is code that compilers never get done with. */
const DEADLINE_MS = 5 * 60_000;

/**
 * Compiles the Python code of agents, each version once while the engine runs; what is compiled already is passed over. The
 * code is compiled where it can be written to, but nothing of it runs there.
 */
export class Bytecode {
  readonly #sandboxes: SandboxProvider;
  readonly #log: Log;
  readonly #deadlineMs: number;
  readonly #done = new Set<string>();
  readonly #running = new Map<string, Promise<Sandbox>>();

  constructor({
    sandboxes,
    log,
    deadlineMs = DEADLINE_MS,
  }: {
    sandboxes: SandboxProvider;
    log: Log;
    deadlineMs?: number;
  }) {
    this.#sandboxes = sandboxes;
    this.#deadlineMs = deadlineMs;
    this.#log = log;
  }

  /** In the background: sessions run without it. */
  prepare(target: Target, interpreter: Interpreter): void {
    const key = `${runtimeKey(target.scope, target.runtimeId)}${target.config.version}`;
    if (interpreter.language !== 'python' || this.#done.has(key)) return;
    this.#done.add(key);
    const starting = this.#sandboxes.start(`compiling ${target.runtimeId}`, {
      mounts: [
        ...interpreter.mounts,
        { kind: 'bind', source: target.config.codeFolder, target: CODE, writable: true },
      ],
      workingDirectory: CODE,
    });
    this.#running.set(key, starting);
    starting
      .then((sandbox) => compile(sandbox, interpreter, this.#deadlineMs))
      .catch((error) => this.#log.info(`the code of ${target.runtimeId} was not compiled`, { error }))
      .finally(() => this.#running.delete(key));
  }

  /** Stops compiling the code of a runtime, and resolves when nobody writes to it any more. */
  stop(scope: Scope, runtimeId: string): Promise<void> {
    return this.#stop(runtimeKey(scope, runtimeId));
  }

  /** Stops compiling anything; likewise. */
  close(): Promise<void> {
    return this.#stop('');
  }

  async #stop(prefix: string): Promise<void> {
    const running = [...this.#running].filter(([key]) => key.startsWith(prefix));
    await Promise.all(running.map(async ([, starting]) => (await starting.catch(() => undefined))?.close()));
  }
}

async function compile(sandbox: Sandbox, { executable }: Interpreter, deadlineMs: number): Promise<void> {
  const timer = setTimeout(() => void sandbox.close(), deadlineMs).unref();
  try {
    const compiler = await sandbox.spawn([...READABLE, executable, ...COMPILE]);
    for await (const _ of compiler.output);
    await compiler.exited;
  } finally {
    clearTimeout(timer);
    await sandbox.close();
  }
}

function runtimeKey({ account, region }: Scope, runtimeId: string): string {
  return `${account}/${region}/${runtimeId}/`;
}
