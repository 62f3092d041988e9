import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server';
import type { FailureDetails } from '../failure.ts';
import { resultUri } from '../resources/uris.ts';
import { redact } from '../secrets.ts';
import { cutToFit } from './cut.ts';
import type { Image, Link, Tool, ToolAnswer } from './define.ts';
import type { KeptResults } from './kept.ts';
import { type Fence, makeFence, readable, textOf } from './text.ts';

/** All images of one answer together: as base64 they are a third larger, and common clients refuse results of 1 MB. */
const MAX_IMAGE_KB = 576;
const MAX_IMAGE_CHARACTERS = (MAX_IMAGE_KB * 1024 * 4) / 3;

export interface RenderOptions {
  /** Size of the text part, and of the structured part, in tokens. */
  maxTokens: number;
  /** Who answered: backend, account and region. */
  origin?: string;
  /** Where the full text of a cut answer stays readable. */
  kept: KeptResults;
}

/** Everything a client sees of an answer: text for the model, the same as data, images and links. */
export function renderAnswer(tool: Tool, answer: ToolAnswer, options: RenderOptions): CallToolResult {
  const full = clean({
    ...answer.data,
    ...(answer.inner && { result: answer.inner.answer.data }),
  });
  const { data, omitted } = cutToFit(full, options.maxTokens);
  const { images, dropped } = fitImages(answer.images ?? []);
  const { imagesCure, cutCure } = answer.inner?.tool ?? tool;
  const cut = omitted.length > 0 && cutCure ? [`${omitted.join('; ')}: ${cutCure}`] : omitted;
  const lacks = [...cut, ...(dropped.length > 0 ? [withoutImages(dropped, imagesCure)] : [])];
  const notes = {
    ...(lacks.length > 0 && { omitted: lacks.join('; ') }),
    ...(options.origin && { origin: options.origin }),
  };
  const fence = makeFence();
  const text = [bodyText(tool, answer, data, fence), textOf(notes, {}, fence)].filter(Boolean).join('\n');
  const links = [...(answer.links ?? [])];
  if (omitted.length > 0)
    links.push(keepFull(`full result of ${tool.name}`, bodyText(tool, answer, full, fence), options.kept));
  return {
    content: [{ type: 'text', text: text || 'Done.' }, ...images.map(imageBlock), ...links.map(linkBlock)],
    structuredContent: { ...data, ...notes },
  };
}

/** A failure by the names that clients know. */
type ShownFailure = Omit<FailureDetails, 'foreign'> & { details?: string };

/** A failure as the model sees it. The call fails, not the protocol, so `isError` and no JSON-RPC error. */
export function renderFailure(
  details: FailureDetails,
  { maxTokens, kept, origin }: RenderOptions,
): CallToolResult {
  const full = shown(details);
  const { data, omitted } = cutToFit(full, maxTokens);
  const links = omitted.length > 0 ? [keepFull('full text of this failure', textOfShown(full), kept)] : [];
  const text = [textOfShown(data), origin && `origin: ${origin}`].filter(Boolean).join('\n');
  const notes = {
    ...(omitted.length > 0 && { omitted: omitted.join('; ') }),
    ...(origin && { origin }),
  };
  return {
    isError: true,
    content: [{ type: 'text', text }, ...links.map(linkBlock)],
    structuredContent: { ...data, ...notes },
  };
}

/** The same where there is no result but only a text. */
export function failureText(details: FailureDetails, maxTokens: number): string {
  return textOfShown(cutToFit(shown(details), maxTokens).data);
}

function shown({ foreign, retryable = false, ...own }: FailureDetails): ShownFailure {
  return clean({ ...own, retryable, details: foreign });
}

function textOfShown({ code, message, details, hint, retryable, requestId }: ShownFailure): string {
  const lines = [
    `${code}: ${message}`,
    details && `details:\n${makeFence()(details)}`,
    hint && `What to do: ${hint}`,
    retryable && 'The same call may succeed later.',
    requestId && `Request id: ${requestId}`,
  ];
  return readable(lines.filter(Boolean).join('\n'));
}

function bodyText(tool: Tool, answer: ToolAnswer, data: Record<string, unknown>, fence: Fence): string {
  const { inner } = answer;
  if (!inner) return textOf(data, tool.output.shape, fence);
  const { result, ...own } = data;
  const innerText = textOf(result as Record<string, unknown>, inner.tool.output.shape, fence);
  return [textOf(own, tool.output.shape, fence), innerText].filter(Boolean).join('\n');
}

function keepFull(name: string, text: string, kept: KeptResults): Link {
  return {
    uri: resultUri(kept.keep(text)),
    name,
    mimeType: 'text/plain',
    size: Buffer.byteLength(text),
  };
}

/** The images that fit, and the numbers of the others, counted from 1. */
function fitImages(images: readonly Image[]): { images: Image[]; dropped: number[] } {
  let left = MAX_IMAGE_CHARACTERS;
  const shown: Image[] = [];
  const dropped: number[] = [];
  for (const [index, image] of images.entries()) {
    if (image.base64.length > left) dropped.push(index + 1);
    else {
      left -= image.base64.length;
      shown.push(image);
    }
  }
  return { images: shown, dropped };
}

/** E.g. `images 2-5, 7 (one answer shows 576 KB of them): use a lower dpi`. */
function withoutImages(numbers: readonly number[], cure: string | undefined): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  const shown = runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(', ');
  const what = `${numbers.length === 1 ? 'image' : 'images'} ${shown}`;
  return `${what} (one answer shows ${MAX_IMAGE_KB} KB of them)${cure ? `: ${cure}` : ''}`;
}

function imageBlock({ mimeType, base64 }: Image): ContentBlock {
  return { type: 'image', mimeType, data: base64 };
}

function linkBlock({ uri, name, mimeType, size }: Link): ContentBlock {
  return {
    type: 'resource_link',
    uri,
    name,
    ...(mimeType && { mimeType }),
    ...(size !== undefined && { size }),
  };
}

/** The same data as plain JSON, without secrets and without members that are undefined or null. */
function clean<T>(data: T): T {
  return cleanValue(data) as T;
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(cleanValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && member !== null)
      .map(([key, member]) => [redact(key), cleanValue(member)]),
  );
}
