import { createHash } from 'node:crypto';
import { nameFor } from '../labels.ts';

const validActor = /^[a-zA-Z0-9][a-zA-Z0-9-_/]*(?::[a-zA-Z0-9-_/]+)*[a-zA-Z0-9-_/]*$/;
const MAX_ACTOR = 255;
const validSession = /^[a-zA-Z0-9][a-zA-Z0-9-_]*$/;
const MAX_SESSION = 100;

/** The actor id for a label: the label itself where AgentCore takes it. The same label always gives the same id. */
export function actorId(label: string): string {
  return label.length <= MAX_ACTOR && validActor.test(label) ? label : idFor(label, 'actor');
}

/** The session id for a label, likewise. */
export function memorySessionId(label: string): string {
  return label.length <= MAX_SESSION && validSession.test(label) ? label : idFor(label, 'session');
}

/** What is legible of a label, and a hash. */
function idFor(label: string, otherwise: string): string {
  const legible = label
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const hash = createHash('sha256').update(label.normalize('NFC')).digest('hex').slice(0, 16);
  return `${legible || otherwise}-${hash}`;
}

/** What a memory is called by: an ARN or an id. Undefined for a name. */
export function parseMemory(handle: string): { id: string; region?: string } | undefined {
  const arn = /^arn:aws[a-z-]*:bedrock-agentcore:(?<region>[a-z0-9-]+):\d{12}:memory\/(?<id>.+)$/.exec(
    handle,
  );
  const { id = handle, region } = arn?.groups ?? {};
  if (!/^[a-zA-Z][a-zA-Z0-9-_]{0,99}-[a-zA-Z0-9]{10}$/.test(id)) return undefined;
  return region ? { id, region } : { id };
}

/** The name of a memory for a label. */
export const memoryName = (label: string): string => nameFor(label.trim(), 'memory');

/** The name in the id of a memory. */
export const nameOf = (id: string) => id.replace(/-[^-]*$/, '');
