import type { LogLine } from './logs.ts';

/** Lines that belong together. */
export interface LogError {
  at: Date;
  text: string;
  /** How often the same came, apart from its numbers. */
  times: number;
}

const MAX_BLOCK_LINES = 60;

const pythonTrace = /^\s*(?:[|+] ?)*Traceback \(most recent call last\):/;
/** A file that Python cannot even compile: without a traceback where it is the one that was started. */
const uncompiled = /^\s+File ".*", line \d+$/;
const compileError = /^(?:SyntaxError|IndentationError|TabError):/;
const nodeError = /^(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception)\b.*/;
const nodeFrame = /^\s+at /;
const errorLine =
  /\b(?:ERROR|CRITICAL|FATAL|PANIC)\b|"level(?:name)?"\s*:\s*"(?:error|critical|fatal)"|^(?:[A-Za-z_][\w.]*)?(?:Error|Exception)(?::|$)|Segmentation fault|Killed\b|out of memory/i;
const mild = /\b(?:0|no) errors?\b/i;

/**
 * The errors among the lines of an agent's log: tracebacks of Python and stacks of Node as one piece each, and lines
 * with ERROR, CRITICAL or FATAL. What came more than once is counted and stands where it came last.
 */
export function errorsIn(lines: readonly LogLine[]): LogError[] {
  const found = new Map<string, LogError>();
  for (const own of byStream(lines))
    for (const block of blocksOf(own)) {
      const text = block.map((line) => line.text).join('\n');
      const key = text.replaceAll(/0x[0-9a-f]+|\d+/gi, '#');
      const before = found.get(key);
      found.delete(key);
      found.set(key, { at: block[0]?.at ?? new Date(0), text, times: (before?.times ?? 0) + 1 });
    }
  return [...found.values()].toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

/** Lines of different sessions may alternate. */
function byStream(lines: readonly LogLine[]): Iterable<LogLine[]> {
  const streams = new Map<string, LogLine[]>();
  for (const line of lines) {
    const own = streams.get(line.stream) ?? [];
    own.push(line);
    streams.set(line.stream, own);
  }
  return streams.values();
}

function* blocksOf(lines: readonly LogLine[]): Generator<LogLine[]> {
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as LogLine;
    const rest = lines.slice(index + 1, index + MAX_BLOCK_LINES);
    const length = pythonTrace.test(line.text)
      ? tracebackLength(rest)
      : uncompiled.test(line.text)
        ? compileErrorLength(rest)
        : nodeError.test(line.text)
          ? rest.findIndex(({ text }) => !nodeFrame.test(text))
          : 0;
    const isError =
      length !== 0 || pythonTrace.test(line.text) || (errorLine.test(line.text) && !mild.test(line.text));
    if (!isError) continue;
    const block = [line, ...(length === -1 ? rest : rest.slice(0, length))];
    yield block;
    index += block.length - 1;
  }
}

/** Up to the line that says what is wrong, which follows the piece of code in question; 0 where none does. */
function compileErrorLength(rest: readonly LogLine[]): number {
  const end = rest.findIndex(({ text }) => !/^\s/.test(text));
  return compileError.test(rest[end]?.text ?? '') ? end + 1 : 0;
}

/** Up to the line that names the exception, and through those it was raised from. */
function tracebackLength(rest: readonly LogLine[]): number {
  const isInside = (text: string) =>
    text === '' ||
    /^\s/.test(text) ||
    pythonTrace.test(text) ||
    /^(?:During handling of|The above exception)/.test(text);
  const end = rest.findIndex(({ text }) => !isInside(text));
  if (end === -1) return -1;
  const next = rest.slice(end + 1, end + 5).findIndex(({ text }) => pythonTrace.test(text));
  if (next === -1) return end + 1;
  const further = tracebackLength(rest.slice(end + 2 + next));
  return further === -1 ? -1 : end + 2 + next + further;
}
