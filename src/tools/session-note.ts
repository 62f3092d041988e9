import { LIFETIME_SECONDS } from '../agentcore/tool-sessions/session-tool.ts';
import type { OpenSession } from '../agentcore/tool-sessions/sessions.ts';

const lifetime = `${LIFETIME_SECONDS / 60} minutes`;

/** What a model is told of a session that its call started. */
export function newSessionNote(label: string | undefined, { id, earlier }: OpenSession): string {
  if (!label) return `New session, lasts ${lifetime}. To go on in it, pass session: "${id}".`;
  const before = earlier
    ? `The earlier session of "${label}", ${earlier}, has ended, and what was in it is gone. `
    : '';
  return `${before}A new session was started for "${label}"; nothing of earlier calls is in it. It lasts ${lifetime}.`;
}
