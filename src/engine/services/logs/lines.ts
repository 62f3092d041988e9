import type { LogEvent } from './log-store.ts';

/** The first line of every file of a stream. */
export interface Header {
  stream: string;
  /** Milliseconds since the epoch, of the stream and not of the file. */
  createdAt: number;
  /** How many bytes of the stream's files went before this one. */
  base: number;
}

/** An event as it is kept. */
export interface StoredEvent extends LogEvent {
  ingestionTime: number;
  /** Where its line begins among all bytes the stream ever had: grows with every event, and never changes. */
  position: number;
}

interface Line {
  t: number;
  i: number;
  m: string;
}

/** Longer ones are cut, at the size that CloudWatch takes. */
const MAX_MESSAGE = 1024 * 1024;
const LINE_FEED = 0x0a;

export function headerLine(header: Header): string {
  return `${JSON.stringify(header)}\n`;
}

export function eventLine({ timestamp, message }: LogEvent, ingestionTime: number): string {
  const cut = message.length - MAX_MESSAGE;
  const m = cut > 0 ? `${message.slice(0, MAX_MESSAGE)}... (${cut} characters cut)` : message;
  const t = Number.isFinite(timestamp) ? Math.trunc(timestamp) : ingestionTime;
  return `${JSON.stringify({ t, i: ingestionTime, m } satisfies Line)}\n`;
}

/** The header of a file, or undefined where the first line is none, as after a crash. */
export function readHeader(bytes: Buffer): Header | undefined {
  const end = bytes.indexOf(LINE_FEED);
  const header = end < 0 ? undefined : (parse(bytes, 0, end) as Partial<Header> | undefined);
  if (typeof header?.stream !== 'string' || typeof header.base !== 'number') return undefined;
  return { stream: header.stream, createdAt: Number(header.createdAt), base: header.base };
}

/** The events among lines, the first of which begins at `base`. What is no event, as half a line is, is left out. */
export function readEvents(bytes: Buffer, base: number): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    const { t, i, m } = (parse(bytes, start, end) ?? {}) as Partial<Line>;
    if (typeof t === 'number' && typeof i === 'number' && typeof m === 'string') {
      events.push({ timestamp: t, ingestionTime: i, message: m, position: base + start });
    }
    start = end + 1;
  }
  return events;
}

function parse(bytes: Buffer, start: number, end: number): object | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', start, end));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
