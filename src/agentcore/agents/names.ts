import { createHash } from 'node:crypto';
import { nameFor } from '../labels.ts';

const hash = (text: string, digits: number) =>
  createHash('sha256').update(text.normalize('NFC')).digest('hex').slice(0, digits);

/** The name of an agent for a label. */
export const agentName = (label: string): string => nameFor(label, 'agent');

const validSession = /^[a-zA-Z0-9][a-zA-Z0-9_-]{32,255}$/;

/** Whether a handle can be a session id of a runtime as it is; shorter ones are labels. */
export function isAgentSessionId(handle: string): boolean {
  return validSession.test(handle);
}

/**
 * The session id for a label, of the form that AgentCore wants: 33 characters or more. The same label always gives the
 * same id; an id is handed back as it is.
 */
export function agentSessionId(handle: string): string {
  if (isAgentSessionId(handle)) return handle;
  const legible = handle
    .normalize('NFKD')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${legible || 'session'}-${hash(handle, 32)}`;
}

/** What an agent is called by: an ARN, perhaps with an endpoint, or an id. Undefined for a name. */
export function parseAgent(handle: string): { id: string; arn?: string; endpoint?: string } | undefined {
  const arn =
    /^(?<arn>arn:aws[a-z-]*:bedrock-agentcore:[a-z0-9-]+:\d{12}:runtime\/(?<id>[a-zA-Z][\w]*-[a-zA-Z0-9]{10}))(?:\/runtime-endpoint\/(?<endpoint>\w+))?$/.exec(
      handle,
    )?.groups as { arn: string; id: string; endpoint?: string } | undefined;
  if (arn) return { ...arn };
  return /^[a-zA-Z]\w{0,99}-[a-zA-Z0-9]{10}$/.test(handle) ? { id: handle } : undefined;
}
