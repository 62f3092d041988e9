import type { AgentCore } from '../agentcore.ts';
import type { Item, Page, Query } from '../items.ts';

/** Time to live of the sessions we start, counted from the start whether used or not. AWS allows 8 hours. */
export const LIFETIME_SECONDS = 3600;

/** A session of a built-in tool, with the resource it belongs to: a code interpreter or a browser. */
export interface SessionRef {
  id: string;
  resource: string;
}

/** What a session is started with, for one that has a label with the name made of it. */
export type Wanted<Options> = Options & { name?: string | undefined };

/** Where the sessions of a built-in tool are. */
export interface SessionPlaces {
  /** The resource that every account has. */
  system: string;
  /** The resources besides that one. */
  custom(agentcore: AgentCore, signal: AbortSignal): Promise<Item[]>;
  /** The sessions of one resource, one page at a time. */
  sessionsOf(agentcore: AgentCore, resource: string, query: Query): Promise<Page>;
  /** @throws ResourceNotFoundException for a session that the resource never had. */
  status(agentcore: AgentCore, session: SessionRef, signal: AbortSignal): Promise<string | undefined>;
}

/** A built-in tool of AgentCore that works in sessions, and how these are found, started and ended. */
export interface SessionTool<Options> extends SessionPlaces {
  /** The tool of this server that uses them. */
  tool: string;
  /** Nobody can cancel it. */
  start(agentcore: AgentCore, wanted: Wanted<Options>): Promise<SessionRef & { created?: string }>;
  stop(agentcore: AgentCore, session: SessionRef, signal: AbortSignal): Promise<void>;
}
