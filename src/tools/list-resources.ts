import { z } from 'zod';
import { agentSessionsPage, listings, sessionKinds } from '../agentcore/inventory.ts';
import { type Item, type Kind, kinds, type Page, type Query } from '../agentcore/items.ts';
import type { Context } from '../context.ts';
import { ToolFailure } from '../failure.ts';
import { defineTool, foreign } from './define.ts';
import { failureOf } from './failures.ts';

const DEFAULT_LIMIT = 25;
/** Clients give up a call after a minute; one listing that is not answered leaves time for the other. */
const PATIENCE_MS = 40_000;
const PAGE_PATIENCE_MS = 20_000;

/** Where a listing goes on. */
interface Place {
  kind: Kind;
  token?: string;
}

export const listResources = defineTool({
  name: 'list_resources',
  title: 'List resources',
  toolset: 'core',
  kind: 'read',
  description:
    'List agents (runtime), memories, code interpreters, browsers, profiles and running sessions with id, name (your label), state, version. Others: read_aws_api.',
  input: z.strictObject({
    kind: z.enum(kinds).optional().describe('Only this kind'),
    ended: z.boolean().default(false).describe('Ended sessions instead'),
    limit: z.int().min(1).max(100).default(DEFAULT_LIMIT),
    cursor: z.string().max(4096).optional().describe('next_cursor of an earlier answer'),
  }),
  output: z.object({
    items: foreign(
      z.array(
        z.object({
          kind: z.string(),
          id: z.string(),
          name: z.string().optional(),
          state: z.string().optional(),
          version: z.string().optional(),
          created: z.string().optional(),
        }),
      ),
    ),
    not_listed: foreign(z.array(z.string()).optional()),
    next_cursor: z.string().optional(),
  }),
  async handle({ kind, ended, limit, cursor }, { context, signal }) {
    const asKinds = kind ? [kind] : kinds;
    const wanted = ended ? asKinds.filter((of) => sessionKinds.includes(of)) : asKinds;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const inTime = () => AbortSignal.any([deadline, AbortSignal.timeout(PAGE_PATIENCE_MS)]);
    const items: Item[] = [];
    const problems: { kind: Kind; failure: ToolFailure }[] = [];
    /** Whether the backend has answered anything. */
    let answered = false;
    let place: Place | undefined = cursor ? readCursor(cursor, wanted) : wanted[0] && { kind: wanted[0] };
    while (place && items.length < limit) {
      const { kind: current, token }: Place = place;
      const query = { maxResults: limit - items.length, nextToken: token, ended, signal: inTime() };
      let page: Page = { items: [] };
      try {
        page = await pageOf(current, context, query);
        answered ||= current !== 'agent_session';
      } catch (error) {
        signal.throwIfAborted();
        problems.push({ kind: current, failure: await failureOf(context, error) });
      }
      items.push(...page.items.map(({ resource: _, ...item }) => item));
      place = page.nextToken ? { kind: current, token: page.nextToken } : following(current, wanted);
    }
    if (items.length === 0 && problems.length > 0 && !answered) throw problems[0]?.failure;
    const leftOut = cursor
      ? []
      : [
          wanted.includes('agent_session') && (ended ? endedAgentSessions : otherAgentSessions),
          wanted.length === 0 && `${kind}: ended says which sessions to list; leave it out`,
        ].filter((left) => typeof left === 'string');
    signal.throwIfAborted();
    return {
      data: {
        items,
        not_listed: [...problems.map(({ kind: of, failure }) => `${of}: ${failure.message}`), ...leftOut],
        next_cursor: place && writeCursor(place),
      },
    };
  },
});

const otherAgentSessions =
  'agent_session: those that other servers started; AgentCore has no call that lists them';
const endedAgentSessions = 'agent_session: those that have ended; AgentCore has no call that lists them';

async function pageOf(kind: Kind, { agentcore, agentSessions }: Context, query: Query): Promise<Page> {
  return kind === 'agent_session'
    ? agentSessionsPage(agentSessions.known, query.ended)
    : listings[kind](agentcore, query);
}

function following(kind: Kind, wanted: readonly Kind[]): Place | undefined {
  const next = wanted[wanted.indexOf(kind) + 1];
  return next && { kind: next };
}

function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

const placeSchema = z.object({ kind: z.enum(kinds), token: z.string().optional() });

function readCursor(cursor: string, wanted: readonly Kind[]): Place {
  try {
    const place = placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (wanted.includes(place.kind)) return place;
  } catch {
    // Said below, as for a cursor of another listing.
  }
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: 'list_resources: this cursor belongs to no earlier answer of the same listing.',
    hint: 'Call list_resources without a cursor to begin anew.',
  });
}
