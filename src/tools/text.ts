import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { isForeign } from './define.ts';

const LINE = 100;

type Shape = Readonly<Record<string, z.ZodType>>;

/** Puts foreign text between marks that it cannot contain. */
export type Fence = (text: string) => string;

/** A fence for one result. Its name is drawn after the text exists, so no text can hold its end. */
export function makeFence(): Fence {
  const tag = `untrusted-${randomBytes(6).toString('hex')}`;
  return (text) => `<${tag}>\n${text.replace(/\n$/, '')}\n</${tag}>`;
}

/** The members of an answer as a model reads them best: one a line, empty ones left out, foreign text fenced. */
export function textOf(data: Readonly<Record<string, unknown>>, shape: Shape, fence: Fence): string {
  return Object.entries(data)
    .filter(([, value]) => !isEmpty(value))
    .map(([key, value]) => memberText(key, value, shape[key], fence))
    .join('\n');
}

function memberText(key: string, value: unknown, schema: z.ZodType | undefined, fence: Fence): string {
  if (isForeign(schema)) return `${key}:\n${fence(readable(asText(value)))}`;
  if (typeof value === 'string')
    return value.includes('\n') ? `${key}:\n${readable(value)}` : `${key}: ${readable(value)}`;
  if (Array.isArray(value)) return listText(key, value);
  return `${key}: ${inline(value)}`;
}

function listText(key: string, list: readonly unknown[]): string {
  const short = list.map(inline).join(', ');
  if (short.length <= LINE && list.every((item) => typeof item !== 'object')) return `${key}: ${short}`;
  return `${key}:\n${list.map((item) => `- ${inline(item)}`).join('\n')}`;
}

/** One line, whatever the value holds. */
function inline(value: unknown): string {
  if (typeof value === 'string') return /[\n\r]/.test(value) ? JSON.stringify(value) : readable(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([, member]) => !isEmpty(member))
      .map(([key, member]) => `${key}: ${inline(member)}`)
      .join(', ');
  return String(value);
}

/** Data as JSON, in which no text passes as another member; of a list, one item a line. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)).join('\n') : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Colour codes, other control characters, invisible tag characters. */
const unreadable = new RegExp(
  [
    '\\u001b\\[[0-9;?]*[ -/]*[@-~]',
    '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]',
    '[\\u{e0000}-\\u{e007f}]',
  ].join('|'),
  'gu',
);

/** The text without what only a terminal understands or nobody sees. */
export function readable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unreadable, '');
}
