import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import { everyPage } from '../every-page.ts';
import { profilesOf } from './listings.ts';

/** Named where one is missing. */
const MAX_NAMED = 20;

/** The id of a profile that is named by its id or its name. @throws ToolFailure `NotFound`, which names the ones there are. */
export async function findProfile(agentcore: AgentCore, named: string, signal: AbortSignal): Promise<string> {
  const all = await everyPage((page) => profilesOf(agentcore, { ...page, ended: false, signal }));
  const found = all.find(({ id }) => id === named) ?? all.find(({ name }) => name === named);
  if (found) return found.id;
  const names = all.slice(0, MAX_NAMED).map(({ id, name }) => name ?? id);
  throw new ToolFailure({
    code: 'NotFound',
    message: `There is no browser profile "${named}".`,
    hint: `There are: ${names.join(', ') || 'none'}. CreateBrowserProfile of call_aws_api makes one, and SaveBrowserSessionProfile fills it from a session.`,
  });
}
