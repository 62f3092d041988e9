import type { AgentCore } from './agentcore/agentcore.ts';
import type { Tasks } from './agentcore/tasks.ts';
import type { Workspace } from './agentcore/workspace.ts';
import type { Config } from './config.ts';

/** What every tool and resource works with: made once per process, shared by all its MCP connections. */
export interface Context {
  config: Config;
  agentcore: AgentCore;
  tasks: Tasks;
  workspace: Workspace;
}
