import type { AgentCore } from '../agentcore.ts';
import { everyPage } from '../every-page.ts';
import type { Item, Page, Query } from '../items.ts';

/** The browser that every account has. */
export const systemBrowser = 'aws.browser.v1';

/** The browsers, one page at a time. */
export async function browsersOf(
  agentcore: AgentCore,
  { maxResults, nextToken, signal }: Query,
  type?: 'CUSTOM',
): Promise<Page> {
  const { ListBrowsersCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new ListBrowsersCommand({ type, maxResults, nextToken });
  const page = await client.send(command, { abortSignal: signal });
  const items = (page.browserSummaries ?? []).map((browser) => ({
    kind: 'browser' as const,
    id: browser.browserId ?? '',
    name: browser.name,
    state: browser.status,
  }));
  return { items, nextToken: page.nextToken };
}

/** The browsers besides the one that every account has. */
export async function customBrowsers(agentcore: AgentCore, signal: AbortSignal): Promise<Item[]> {
  return everyPage((page) => browsersOf(agentcore, { ...page, ended: false, signal }, 'CUSTOM'));
}

/** The sessions of one browser, one page at a time. */
export async function browserSessionsOf(
  agentcore: AgentCore,
  browser: string,
  { maxResults, nextToken, ended, signal }: Query,
): Promise<Page> {
  const { ListBrowserSessionsCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  const client = await agentcore.data();
  const page = await client.send(
    new ListBrowserSessionsCommand({
      browserIdentifier: browser,
      status: ended ? 'TERMINATED' : 'READY',
      maxResults,
      nextToken,
    }),
    { abortSignal: signal },
  );
  const items = (page.items ?? []).map((session) => ({
    kind: 'browser_session' as const,
    id: session.sessionId ?? '',
    name: session.name,
    state: session.status,
    created: session.createdAt?.toISOString(),
    ...(browser !== systemBrowser && { resource: browser }),
  }));
  return { items, nextToken: page.nextToken };
}

/** The profiles that sessions can start with, one page at a time. */
export async function profilesOf(
  agentcore: AgentCore,
  { maxResults, nextToken, signal }: Query,
): Promise<Page> {
  const { ListBrowserProfilesCommand } = await import('@aws-sdk/client-bedrock-agentcore-control');
  const client = await agentcore.control();
  const command = new ListBrowserProfilesCommand({ maxResults, nextToken });
  const page = await client.send(command, { abortSignal: signal });
  const items = (page.profileSummaries ?? []).map((profile) => ({
    kind: 'browser_profile' as const,
    id: profile.profileId ?? '',
    name: profile.name,
    state: profile.status,
    created: profile.createdAt?.toISOString(),
  }));
  return { items, nextToken: page.nextToken };
}
