import type { AgentCore } from './agentcore/agentcore.ts';
import type { AgentSessions } from './agentcore/agents/sessions.ts';
import type { Pins } from './agentcore/api/pins.ts';
import type { BrowserSessions } from './agentcore/browser/browsers.ts';
import type { CodeSessions } from './agentcore/sessions.ts';
import type { Tasks } from './agentcore/tasks.ts';
import type { Workspace } from './agentcore/workspace.ts';
import type { Config } from './config.ts';
import type { Finished } from './tools/define.ts';
import type { KeptResults } from './tools/kept.ts';
import type { Offer } from './tools/offer.ts';

/** What every tool and resource works with: made once per process, shared by all its MCP connections. */
export interface Context {
  config: Config;
  agentcore: AgentCore;
  sessions: CodeSessions;
  browsers: BrowserSessions;
  agentSessions: AgentSessions;
  tasks: Tasks<Finished>;
  workspace: Workspace;
  /** The tools this server offers. */
  offer: Offer;
  pins: Pins;
  /** Full texts of results that were cut. */
  kept: KeptResults;
  /** Cancels what runs, waits until it has let go, at most so many milliseconds, and leaves all browsers. */
  close(ms?: number): Promise<void>;
}
