import type { Clock } from '../../clock.ts';
import type { Printed } from '../../sandbox/sandbox.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Target } from './target.ts';

/** As CloudWatch's for one event, less what it counts for the event itself. */
const MAX_LINE_BYTES = 256 * 1024 - 26;
/** Of each stream, for error messages. */
const KEPT_LINES = 10;
const KEPT_CHARACTERS = 1_500;
const LINE_FEED = 0x0a;

type StreamName = Printed['stream'];

/** Where the logs of an endpoint's sessions are. */
export function logGroup({ runtimeId, endpoint }: Pick<Target, 'runtimeId' | 'endpoint'>): string {
  return `/aws/bedrock-agentcore/runtimes/${runtimeId}-${endpoint}`;
}

/** What one compute of a session prints and what the engine remarks about it, one event per line. */
export class SessionLog {
  readonly group: string;
  readonly stream: string;
  readonly #append: (messages: readonly string[]) => void;
  readonly #unfinished: Record<StreamName, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly #last: Record<StreamName, string[]> = { stdout: [], stderr: [] };

  constructor({ logs, clock }: { logs: LogStore; clock: Clock }, target: Target, sessionId: string) {
    this.group = logGroup(target);
    this.stream = `${new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/')}/[runtime-logs]${sessionId}`;
    this.#append = (messages) => {
      const timestamp = clock.now();
      logs.append(
        target.scope,
        this.group,
        this.stream,
        messages.map((message) => ({ timestamp, message })),
      );
    };
  }

  print({ stream, data, dropped }: Printed): void {
    if (dropped > 0) this.remark(`dropped ${dropped} bytes of ${stream}: it printed more than is kept`);
    const lines: string[] = [];
    let rest = Buffer.concat([this.#unfinished[stream], data]);
    for (let end = endOfLine(rest); end; end = endOfLine(rest)) {
      lines.push(rest.toString('utf8', 0, end.text));
      rest = rest.subarray(end.next);
    }
    this.#unfinished[stream] = rest;
    this.#write(stream, lines);
  }

  /** What the engine has to say. */
  remark(text: string): void {
    this.#append([`[agentcore] ${text}`]);
  }

  /** Writes what has no end of line. */
  finish(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#unfinished[stream];
      this.#unfinished[stream] = Buffer.alloc(0);
      if (rest.length > 0) this.#write(stream, [rest.toString()]);
    }
  }

  /** The end of what was printed to stderr, or else to stdout; empty where nothing was. */
  lastWords(): string {
    const [stdout, stderr] = [this.#last.stdout, this.#last.stderr].map((lines) => lines.join('\n').trim());
    return (stderr || stdout || '').slice(-KEPT_CHARACTERS);
  }

  /** Where to read on, for error messages. */
  whereabouts(): string {
    return `log group ${this.group}, stream ${this.stream}`;
  }

  #write(stream: StreamName, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#append(lines);
    this.#last[stream] = [...this.#last[stream], ...lines.filter((line) => line.trim())].slice(-KEPT_LINES);
  }
}

/** Where the first line ends and the next one begins, where a line is complete or as long as one may be. */
function endOfLine(bytes: Buffer): { text: number; next: number } | undefined {
  const end = bytes.indexOf(LINE_FEED);
  if (end >= 0 && end <= MAX_LINE_BYTES) {
    const text = end > 0 && bytes[end - 1] === 0x0d ? end - 1 : end;
    return { text, next: end + 1 };
  }
  if (bytes.length <= MAX_LINE_BYTES) return undefined;
  let cut = MAX_LINE_BYTES;
  while (((bytes[cut] ?? 0) & 0xc0) === 0x80 && cut > MAX_LINE_BYTES - 4) cut--;
  return { text: cut, next: cut };
}
