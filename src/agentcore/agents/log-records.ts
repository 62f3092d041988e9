import { z } from 'zod';

/** The beginning and the end of a longer stack are what tells. */
const MAX_STACK_LINES = 24;
const LAST_STACK_LINES = 14;

/** Python's underlining of a part of the line above. */
const marker = /^\s*[~^]+\s*$/;

/** What `bedrock-agentcore` for Python writes for each record of its logger, on one line. */
const recordShape = z.looseObject({
  level: z.string(),
  message: z.string(),
  logger: z.string().optional(),
  stackTrace: z.array(z.string()).optional(),
});

/** A line of a log as a person reads it: a record in JSON as its level, message and stack; any other as it is. */
export function readable(line: string): string {
  const record = line.startsWith('{') ? recordOf(line) : undefined;
  if (!record) return line;
  const { level, message, logger, stackTrace = [] } = record;
  const head = `${level} ${logger ? `${logger}: ` : ''}${message}`;
  const stack = stackTrace.join('').trimEnd().split('\n');
  return [head, ...shortened(stack.filter((text) => !marker.test(text)))].filter(Boolean).join('\n');
}

function recordOf(line: string) {
  try {
    return recordShape.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_STACK_LINES) return lines;
  const first = lines.slice(0, MAX_STACK_LINES - LAST_STACK_LINES);
  const left = lines.length - MAX_STACK_LINES;
  return [...first, `  … ${left} more lines …`, ...lines.slice(-LAST_STACK_LINES)];
}
