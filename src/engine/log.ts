import { ftruncateSync, writeSync } from 'node:fs';
import { hidden, hideSecretShapes } from '../platform/secret-shapes.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What happened, in words; `fields` are for the values. An Error among them is logged with its stack. */
export type LogWrite = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Where the engine says what it does: one JSON object per line, never a secret. */
export type Log = Readonly<Record<LogLevel, LogWrite>>;

export interface LogOptions {
  /** The least level that is written. Default `info`. */
  level?: LogLevel;
  /** Takes one complete line, with its line feed. Default: standard error. */
  write?: (line: string) => void;
}

const MAX_LINE = 8_000;

const secretName =
  /secret|password|token|authorization|credential|signature|cookie|master.?key|api.?key|proof/i;

/** A log at `level` and above. */
export function createLog({
  level = 'info',
  write = (line) => void process.stderr.write(line),
}: LogOptions = {}): Log {
  const least = logLevels.indexOf(level);
  const at = (own: LogLevel): LogWrite => {
    if (logLevels.indexOf(own) < least) return () => {};
    return (message, fields) => write(formatLine(own, message, fields));
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * Writes to an open file and empties it whenever it has written `maxBytes`, so that a log can never fill the disk. The
 * file must have been opened for appending. A line that cannot be written, as on a full disk, is dropped.
 */
export function boundedWriter(fd: number, maxBytes: number): (line: string) => void {
  let written = 0;
  return (line) => {
    try {
      if (written > maxBytes) {
        ftruncateSync(fd);
        written = 0;
      }
      written += writeSync(fd, line);
    } catch {
      // There is nowhere to say so, and whoever logs has other things to finish.
    }
  };
}

/** For parts that are used without a log. */
export const silentLog: Log = createLog({ write: () => {} });

function formatLine(
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  const head = { time: new Date().toISOString(), level, message: hideSecretShapes(message) };
  const line =
    asJson({ ...head, ...fields }) ?? JSON.stringify({ ...head, fields: '[cannot be written as JSON]' });
  if (line.length <= MAX_LINE) return `${line}\n`;
  const cut = `${head.message} ${line}`.slice(0, MAX_LINE);
  return `${JSON.stringify({ ...head, message: cut, cut: line.length - MAX_LINE })}\n`;
}

function asJson(entry: object): string | undefined {
  try {
    return JSON.stringify(entry, safeValue);
  } catch {
    return undefined;
  }
}

function safeValue(key: string, value: unknown): unknown {
  if (secretName.test(key)) return hidden;
  if (value instanceof Error) return hideSecretShapes(value.stack ?? String(value));
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'string' ? hideSecretShapes(value) : value;
}
