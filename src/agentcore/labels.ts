import { createHash } from 'node:crypto';

/** AgentCore makes session ids itself, as ULIDs. */
const sessionId = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Whether a handle is an id that AgentCore made. Everything else is a label that a model or a user chose. */
export function isSessionId(handle: string): boolean {
  return sessionId.test(handle);
}

const plainName = /^[\p{L}\p{N}][\p{L}\p{N} ._:/#-]{0,99}$/u;

/**
 * The session name that stands for a label: the label itself where it is an ordinary name, otherwise what is legible
 * of it and a hash. The same label always gives the same name.
 */
export function sessionName(label: string): string {
  const normal = label.normalize('NFC');
  if (plainName.test(normal)) return normal;
  const legible = normal
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+/, '')
    .slice(0, 40);
  return `${legible || 'session'}#${createHash('sha256').update(normal).digest('hex').slice(0, 16)}`.toWellFormed();
}

const validName = /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/;
const MAX_NAME = 48;

/**
 * The name of an agent or a memory for a label: the label itself where AgentCore takes it; otherwise with `_` for what separates
 * words, and a hash where letters are lost; `otherwise` where nothing is legible. The same label always gives the same name.
 */
export function nameFor(label: string, otherwise: string): string {
  if (validName.test(label)) return label;
  const words = label.trim().replace(/[\s_.:/-]+/g, '_');
  if (validName.test(words)) return words;
  const legible = words.replace(/[^a-zA-Z0-9_]+/g, '').replace(/^[^a-zA-Z]+/, '');
  const hash = createHash('sha256').update(label.normalize('NFC')).digest('hex').slice(0, 8);
  return `${legible.slice(0, MAX_NAME - 1 - hash.length) || otherwise}_${hash}`;
}
