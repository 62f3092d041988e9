import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import type { InvokeAgentRuntimeCommandStreamOutput, ResponseChunk } from '@aws-sdk/client-bedrock-agentcore';
import type { Process } from '../../sandbox/sandbox.ts';
import type { Call, Handlers } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import { findAdmitted } from './data-access.ts';
import { traceOf } from './invoke-headers.ts';
import type { Compute } from './session-compute.ts';
import type { InUse, Sessions } from './sessions.ts';
import type { Targets } from './target.ts';

const DEFAULT_SECONDS = 300;
const MAX_SECONDS = 3600;
/** What an event may hold is 64 KB of UTF-8; a byte that is none becomes three. */
const PIECE_BYTES = 21 * 1024;
const MAX_OUTPUT_BYTES = 100_000_000;
/** How long a command that is asked to end may take. */
const GRACE_MS = 2_000;
/** Of a command that was not run to its end by itself. */
const NO_EXIT_CODE = -1;

export interface CommandParts {
  targets: Targets;
  sessions: Sessions;
}

/** Commands beside an agent, each in a bash of its own. */
export function commandHandlers({ targets, sessions }: CommandParts): Handlers {
  return {
    async InvokeAgentRuntimeCommand(input, call) {
      const target = findAdmitted(targets, input, call);
      const { command = '', timeout = DEFAULT_SECONDS } = input.body ?? {};
      if (timeout < 1 || timeout > MAX_SECONDS)
        throw invalid('body.timeout', `A command may take 1 to ${MAX_SECONDS} seconds, not ${timeout}.`);
      const sessionId = input.runtimeSessionId ?? randomUUID();
      const inUse = await sessions.use(target, sessionId);
      const running = await start(inUse, { command, timeoutMs: timeout * 1000, call });
      return {
        runtimeSessionId: sessionId,
        ...traceOf(input),
        contentType: 'application/vnd.amazon.eventstream',
        statusCode: 200,
        stream: events(running),
      };
    },
  };
}

interface Command {
  command: string;
  timeoutMs: number;
  call: Call;
}

/** Starts a command. Its session is in use until it has ended, whether or not anybody reads what it prints. */
async function start({ compute, release }: InUse, { command, timeoutMs, call }: Command): Promise<Running> {
  try {
    compute.log.remark(`command of request ${call.requestId}: ${command}`);
    const process = await compute.spawn(['/bin/bash', '-c', command]);
    const limit = limited(process, Math.min(timeoutMs, call.timeoutMs ?? timeoutMs), call.signal);
    const ended = () => {
      limit.clear();
      release();
    };
    process.exited.then(ended, ended);
    return { compute, process, limit };
  } catch (error) {
    release();
    throw await compute.explain(error);
  }
}

interface Running {
  compute: Compute;
  process: Process;
  limit: { readonly reached: boolean };
}

async function* events({
  compute,
  process,
  limit,
}: Running): AsyncGenerator<InvokeAgentRuntimeCommandStreamOutput> {
  try {
    yield chunk({ contentStart: {} });
    let left = MAX_OUTPUT_BYTES;
    for await (const delta of deltas(process)) {
      left -= Buffer.byteLength(delta.stdout ?? delta.stderr ?? '');
      if (left < 0) throw compute.failure(`The command printed more than ${MAX_OUTPUT_BYTES} bytes.`);
      yield chunk({ contentDelta: delta });
    }
    const exitCode = await process.exited;
    yield chunk({
      contentStop: limit.reached
        ? { exitCode: NO_EXIT_CODE, status: 'TIMED_OUT' }
        : { exitCode, status: 'COMPLETED' },
    });
  } catch (error) {
    throw await compute.explain(error);
  } finally {
    process.kill();
  }
}

function chunk(content: ResponseChunk): InvokeAgentRuntimeCommandStreamOutput {
  return { chunk: content };
}

/** What a process prints as text, no piece of it larger than an event may be and no character in two. */
async function* deltas(process: Process): AsyncGenerator<{ stdout?: string; stderr?: string }> {
  const decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() };
  for await (const { stream, data } of process.output) {
    for (let start = 0; start < data.length; start += PIECE_BYTES) {
      const text = decoders[stream].write(data.subarray(start, start + PIECE_BYTES));
      if (text) yield { [stream]: text };
    }
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const rest = decoders[stream].end();
    if (rest) yield { [stream]: rest };
  }
}

/** Ends a process that takes too long, or whose caller goes away: asked first, and then not. */
function limited(process: Process, ms: number, caller: AbortSignal) {
  let forced: NodeJS.Timeout | undefined;
  const end = () => {
    process.kill('SIGTERM');
    forced ??= setTimeout(() => process.kill(), GRACE_MS).unref();
  };
  const limit = {
    reached: false,
    clear() {
      clearTimeout(timer);
      clearTimeout(forced);
      caller.removeEventListener('abort', end);
    },
  };
  const timer = setTimeout(() => {
    limit.reached = true;
    end();
  }, ms).unref();
  if (caller.aborted) end();
  caller.addEventListener('abort', end, { once: true });
  return limit;
}
