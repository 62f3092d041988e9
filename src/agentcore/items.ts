export const kinds = [
  'code_interpreter',
  'code_session',
  'browser',
  'browser_session',
  'browser_profile',
  'runtime',
  'memory',
  'agent_session',
] as const;
export type Kind = (typeof kinds)[number];

/** One thing that AgentCore holds. */
export interface Item {
  kind: Kind;
  id: string;
  name?: string;
  state?: string;
  version?: string;
  created?: string;
  /** The code interpreter or browser of a session, unless it is the one that every account has. */
  resource?: string;
}

export interface Page {
  items: Item[];
  nextToken?: string;
}

export interface Query {
  maxResults: number;
  nextToken?: string;
  /** Sessions that have ended instead of those that run. */
  ended: boolean;
  signal: AbortSignal;
}
