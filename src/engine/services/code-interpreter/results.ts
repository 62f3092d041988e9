import type { CodeInterpreterResult, ContentBlock } from '@aws-sdk/client-bedrock-agentcore';
import type {
  CallOptions,
  CellOutcome,
  FileEntry,
  Outcome,
  Overflow,
  RichOutput,
} from '../../sandbox/sandbox.ts';
import type { CommandTask } from './command-tasks.ts';
import { mimeTypeOf } from './mime.ts';
import { clip, Room } from './room.ts';

/** What a command answered, in the shape of `executeCommand`. */
export function commandResult(outcome: Outcome, options: CallOptions): CodeInterpreterResult {
  return textResult(outcome, outcome.stdout, options);
}

/**
 * What a cell answered, in the shape of `executeCode`. The text forms of displayed things and of the last expression
 * follow what was printed, as in a terminal; their rich forms are blocks of their own after the text.
 */
export function cellResult(outcome: CellOutcome, options: CallOptions): CodeInterpreterResult {
  const shown = outcome.outputs.map(textOf).filter((text) => text !== undefined);
  const result = textResult(outcome, joinLines(outcome.stdout.replace(/\n$/, ''), ...shown), options);
  const { stdout, stderr } = result.structuredContent;
  const room = new Room();
  for (const block of [...result.content, textBlock(stdout), textBlock(stderr)]) room.take(block);
  const rich = outcome.outputs
    .flatMap(richBlocks)
    .map((block) => (room.take(block) ? block : leftOut(block)));
  return { ...result, content: [...result.content, ...rich] };
}

/** Text on success is stdout, on failure both outputs. What a call met beyond the code's own doing follows stderr. */
function textResult(outcome: Outcome, printed: string, options: CallOptions) {
  const { exitCode, seconds } = outcome;
  const out = clip(printed);
  const err = clip(outcome.stderr);
  const stdout = out.text;
  const stderr = joinLines(
    err.text,
    explainInterruption(outcome, options),
    ...outcome.overflow.map(explainOverflow),
    explainCut(out.droppedBytes + err.droppedBytes),
  );
  return {
    content: [textBlock(exitCode === 0 ? stdout : joinLines(stdout, stderr))],
    // In seconds: that is what the real service answers, although its model says milliseconds.
    structuredContent: { stdout, stderr, exitCode, executionTime: seconds },
    isError: exitCode !== 0,
  };
}

/** What is known of a background command, in the shape of `getTask`: its exit code and time are there once it has ended. */
export function taskResult(task: CommandTask): CodeInterpreterResult {
  const { status, stdout, end } = task;
  const explain = end ? explainOverflow : explainGrowth;
  return {
    content: [textBlock(`Task is ${status}`)],
    structuredContent: {
      taskStatus: status,
      stdout,
      stderr: joinLines(task.stderr, ...task.overflow.map(explain)),
      ...(end && { exitCode: end.exitCode, executionTime: end.seconds }),
    },
    isError: false,
  };
}

/** A file as `readFiles` answers it: UTF-8 as text, everything else as a blob. */
export function fileBlock(path: string, content: Buffer): ContentBlock {
  const text = decodeText(content);
  if (text === undefined) return blobBlock(path, content);
  const mimeType = mimeTypeOf(path, { isText: true });
  return { type: 'resource', resource: { type: 'text', uri: fileUri(path), mimeType, text } };
}

/** The same as a blob, whatever is in it. */
export function blobBlock(path: string, content: Buffer): ContentBlock {
  const mimeType = mimeTypeOf(path, { isText: false });
  return { type: 'resource', resource: { type: 'blob', uri: fileUri(path), mimeType, blob: content } };
}

/** A directory entry as `listFiles` answers it. */
export function entryBlock(entry: FileEntry): ContentBlock {
  const link = {
    type: 'resource_link',
    uri: fileUri(entry.path),
    name: entry.path.split('/').at(-1),
  } as const;
  if (entry.kind === 'directory') return { ...link, description: 'Directory' };
  return { ...link, description: 'File', mimeType: mimeTypeOf(entry.path), size: entry.size };
}

export function textBlock(text: string): ContentBlock {
  return { type: 'text', text };
}

function explainInterruption({ interruption }: Outcome, { timeoutMs }: CallOptions): string {
  switch (interruption) {
    case 'timeout':
      return `Stopped after ${timeoutMs / 1000} s: the time limit of this call.`;
    case 'cancelled':
      return 'Stopped: the caller went away or cancelled the call.';
    default:
      return '';
  }
}

/** Says where all of a stream is that is cut in the answer. */
function explainOverflow({ stream, bytes, file, savedBytes, problem }: Overflow): string {
  const cut = `${stream} is cut here`;
  if (!file) return `${cut}; the rest of its ${bytes} bytes was dropped: ${problem}.`;
  if (!problem) return `${cut}; all ${bytes} bytes are in the session's file ${file}.`;
  return `${cut}; the first ${savedBytes} of ${bytes} bytes are in the session's file ${file}, the rest was dropped: ${problem}.`;
}

/** The same while more may come. */
function explainGrowth({ stream, file, problem }: Overflow): string {
  return file
    ? `${stream} is cut here; it goes on in the session's file ${file}.`
    : `${stream} is cut here, and the rest dropped: ${problem}.`;
}

function explainCut(droppedBytes: number): string {
  return droppedBytes > 0
    ? `${droppedBytes} bytes of output were dropped. Write large output to a file instead.`
    : '';
}

/** What IPython's display objects say of themselves as plain text. */
const NAME_ONLY = /^<IPython\.core\.display\.\w+ object>$/;
const sourceTypes = ['text/markdown', 'text/latex', 'application/json'];
/** The same picture may come in several forms, of which one is shown. */
const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'];

const firstOf = (types: readonly string[], { data }: RichOutput) =>
  types.find((type) => data[type] !== undefined);

/** The text form of an output; a figure's is only its object's name, so the image stands alone. */
function textOf(output: RichOutput): string | undefined {
  if (firstOf(imageTypes, output)) return undefined;
  const plain = output.data['text/plain'];
  if (plain !== undefined && !NAME_ONLY.test(plain)) return plain;
  const source = firstOf(sourceTypes, output);
  return source ? output.data[source] : plain;
}

function richBlocks(output: RichOutput): ContentBlock[] {
  const image = firstOf(imageTypes, output);
  const html = output.data['text/html'];
  return [
    ...(image ? [imageBlock(image, output.data[image] as string)] : []),
    ...(html === undefined ? [] : [htmlBlock(html)]),
  ];
}

function imageBlock(mimeType: string, data: string): ContentBlock {
  const encoding = mimeType === 'image/svg+xml' ? 'utf8' : 'base64';
  return { type: 'image', mimeType, data: Buffer.from(data, encoding) };
}

function htmlBlock(text: string): ContentBlock {
  return {
    type: 'resource',
    resource: { type: 'text', uri: 'output:///display.html', mimeType: 'text/html', text },
  };
}

function leftOut({ mimeType, resource }: ContentBlock): ContentBlock {
  const type = mimeType ?? resource?.mimeType;
  return textBlock(`An output of type ${type} was left out: it is too large. Save it to a file instead.`);
}

function joinLines(...parts: string[]): string {
  return parts
    .filter((part) => part !== '')
    .reduce((text, part) => (text === '' || text.endsWith('\n') ? text + part : `${text}\n${part}`), '');
}

/** Paths stand in the URI as they are: the AWS SDKs' helpers take them back by cutting off `file://`. */
function fileUri(path: string): string {
  return path.startsWith('/') ? `file://${path}` : `file:///${path}`;
}

function decodeText(content: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
