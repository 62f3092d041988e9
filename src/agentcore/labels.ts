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
