import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import type { Page, Query } from '../items.ts';
import type { SessionPlaces } from './session-tool.ts';

/** Where a listing of sessions goes on: in a resource, or with the one after it. */
interface Place {
  resource?: string;
  token?: string;
  after?: string;
}

/** The sessions of a built-in tool, resource by resource, the one of every account first; one page at a time. */
export async function sessionsEverywhere(
  tool: SessionPlaces,
  agentcore: AgentCore,
  { nextToken, ...query }: Query,
): Promise<Page> {
  const place = nextToken === undefined ? { resource: tool.system } : readPlace(nextToken);
  const resource =
    place.resource ?? (await resourceAfter(tool, agentcore, { after: place.after ?? '', ...query }));
  if (resource === undefined) return { items: [] };
  const page = await tool.sessionsOf(agentcore, resource, { ...query, nextToken: place.token });
  const next = page.nextToken ? { resource, token: page.nextToken } : { after: resource };
  return { items: page.items, nextToken: writePlace(next) };
}

const writePlace = (place: Place) => JSON.stringify(place);

function readPlace(token: string): Place {
  try {
    return JSON.parse(token);
  } catch {
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: 'This token belongs to no earlier page of sessions.',
      hint: 'Begin anew without one.',
    });
  }
}

/** Resources come and go between two pages, so they are taken by the order of their ids. */
async function resourceAfter(
  { system, custom }: SessionPlaces,
  agentcore: AgentCore,
  { after, signal }: { after: string; signal: AbortSignal },
): Promise<string | undefined> {
  const ids = (await custom(agentcore, signal)).map(({ id }) => id).toSorted();
  return ids.find((id) => after === system || id > after);
}
