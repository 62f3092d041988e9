import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import type { SessionRef } from '../tool-sessions/session-tool.ts';
import { findProfile } from './profiles.ts';
import { type BrowserOptions, describeSession } from './session-tool.ts';

/** @throws ToolFailure `OtherSettings` where a session that is there was not started with what is wanted now. */
export async function refuseOtherSettings(
  agentcore: AgentCore,
  session: SessionRef,
  { profile }: BrowserOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!profile) return;
  const { profileConfiguration } = await describeSession(agentcore, session, signal);
  const has = profileConfiguration?.profileIdentifier;
  if (has !== (await findProfile(agentcore, profile, signal)))
    throw isThere(session, has ? `it began with the profile ${has}` : 'it began with no profile');
}

function isThere({ id }: SessionRef, difference: string): ToolFailure {
  return new ToolFailure({
    code: 'OtherSettings',
    message: `The session ${id} is there already, and ${difference}.`,
    hint: 'Leave that argument out to use it as it is, or give another label, or none, for a new session.',
  });
}
