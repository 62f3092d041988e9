import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentCore } from '../agentcore.ts';
import { LIFETIME_SECONDS, type SessionRef, type SessionTool } from '../tool-sessions/session-tool.ts';
import { ended } from '../tool-sessions/sessions.ts';
import { isNotFound } from '../tool-sessions/unless-closed.ts';
import { browserSessionsOf, customBrowsers, systemBrowser } from './listings.ts';
import { findProfile } from './profiles.ts';

/** Before a question is asked again, so that all connections that have ended are known to have. */
const AGAIN_MS = 100;
/** For finding a profile. */
const FIND_MS = 30_000;

/** What a new session is started with. */
export interface BrowserOptions {
  /** The id or name of a profile, whose cookies and storage it begins with. */
  profile?: string | undefined;
}

/**
 * All that AgentCore tells of a session. Asked once more where the connection breaks, as it does when an engine was killed.
 * @throws ToolFailure `SessionEnded` for one that it does not know.
 */
export async function describeSession(agentcore: AgentCore, session: SessionRef, signal: AbortSignal) {
  const ask = () => getSession(agentcore, session, signal);
  try {
    return await ask().catch(async (error) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code)) throw error;
      await sleep(AGAIN_MS, undefined, { signal });
      return ask();
    });
  } catch (error) {
    throw isNotFound(error) ? ended(session.id) : error;
  }
}

async function getSession(
  agentcore: AgentCore,
  { id: sessionId, resource }: SessionRef,
  signal: AbortSignal,
) {
  const { GetBrowserSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data();
  const command = new GetBrowserSessionCommand({ browserIdentifier: resource, sessionId });
  return client.send(command, { abortSignal: signal });
}

export const browserSessionTool: SessionTool<BrowserOptions> = {
  tool: 'browse',
  system: systemBrowser,
  custom: customBrowsers,
  sessionsOf: browserSessionsOf,

  async status(agentcore, session, signal) {
    return (await getSession(agentcore, session, signal)).status;
  },

  async start(agentcore, { name, profile }) {
    const { StartBrowserSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await agentcore.data();
    const profileIdentifier =
      profile && (await findProfile(agentcore, profile, AbortSignal.timeout(FIND_MS)));
    const { sessionId: id = '', createdAt } = await client.send(
      new StartBrowserSessionCommand({
        browserIdentifier: systemBrowser,
        name,
        sessionTimeoutSeconds: LIFETIME_SECONDS,
        ...(profileIdentifier && { profileConfiguration: { profileIdentifier } }),
      }),
    );
    return { id, resource: systemBrowser, created: createdAt?.toISOString() };
  },

  async stop(agentcore, { id: sessionId, resource }, signal) {
    const { StopBrowserSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await agentcore.data();
    const input = { browserIdentifier: resource, sessionId };
    await client.send(new StopBrowserSessionCommand(input), { abortSignal: signal });
  },
};
