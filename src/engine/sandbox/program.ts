import type { Head } from './channel.ts';
import type { Interruption, Overflow, Printed, Process, SpawnOptions } from './sandbox.ts';
import { GRACE_MS, type SandboxProcess } from './sandbox-process.ts';

/** What is taken is acknowledged in portions of this size; the supervisor sends 1 MiB ahead of that. */
const PORTION = 128 * 1024;
/** What each piece counts besides its bytes, as the supervisor has it. */
const PIECE = 256;

/**
 * A program that the supervisor runs beside the calls.
 * @throws SandboxError when it cannot even be tried.
 */
export async function startProgram(
  sandbox: SandboxProcess,
  argv: readonly string[],
  { workingDirectory, environment = {}, output }: SpawnOptions,
): Promise<Process> {
  const started = Promise.withResolvers<void>();
  const request = {
    op: 'program',
    argv: argv.map((word) => word.toWellFormed()),
    environment: wellFormed(environment),
    workingDirectory: workingDirectory?.toWellFormed(),
    output,
  };
  let overflow: readonly Overflow[] = [];
  let interruption: Interruption | undefined;
  const onEvent = ({ event, ...told }: Head, data: Buffer) => {
    if (event === 'started') started.resolve();
    else if (event === 'overflow') overflow = [...overflow, told as unknown as Overflow];
    else printed.add({ stream: told.stream as Printed['stream'], data, dropped: told.dropped as number });
  };
  const call = sandbox.open(request, { onEvent });
  const printed = new PrintedQueue((bytes) => sandbox.send({ op: 'acknowledge', id: call.id, bytes }));
  const exited = call.answer.then(({ head }) => {
    overflow = head.overflow as Overflow[];
    interruption = head.interruption as Interruption | undefined;
    return head.exitCode as number;
  });
  exited.catch(started.reject).finally(() => printed.end());
  await started.promise;
  return {
    output: printed.read(),
    exited,
    get overflow() {
      return overflow;
    },
    get interruption() {
      return interruption;
    },
    kill: (signal = 'SIGKILL') => sandbox.send({ op: 'signal', id: call.id, signal }),
    stop: () => {
      sandbox.send({ op: 'interrupt', id: call.id, cause: 'cancelled' satisfies Interruption });
      call.expire(GRACE_MS);
    },
  };
}

/** As JSON and the supervisor can carry it. */
export function wellFormed(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]),
  );
}

/** What was printed and is yet to be read. */
class PrintedQueue {
  #waiting: Printed[] = [];
  #ended = false;
  #abandoned = false;
  #taken = 0;
  #wake: () => void = () => {};
  readonly #acknowledge: (bytes: number) => void;

  constructor(acknowledge: (bytes: number) => void) {
    this.#acknowledge = acknowledge;
  }

  add(piece: Printed): void {
    if (this.#abandoned) this.#take(piece);
    else this.#waiting.push(piece);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *read(): AsyncGenerator<Printed, void, void> {
    try {
      for (;;) {
        const piece = this.#waiting.shift();
        if (piece) {
          this.#take(piece);
          yield piece;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#abandoned = true;
      for (const piece of this.#waiting.splice(0)) this.#take(piece);
    }
  }

  #take({ data }: Printed): void {
    this.#taken += data.length + PIECE;
    if (this.#taken >= PORTION && !this.#ended) {
      this.#acknowledge(this.#taken);
      this.#taken = 0;
    }
  }
}
