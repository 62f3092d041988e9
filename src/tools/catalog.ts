import { browse } from './browse.ts';
import { callAwsApi } from './call-aws-api.ts';
import { createMemoryTool } from './create-memory.ts';
import type { Tool } from './define.ts';
import { deployAgent } from './deploy-agent.ts';
import { getLogs } from './get-logs.ts';
import { getStatus } from './get-status.ts';
import { getTask } from './get-task.ts';
import { invokeAgentRuntime } from './invoke-agent-runtime.ts';
import { listResources } from './list-resources.ts';
import { readAwsApi } from './read-aws-api.ts';
import { remember } from './remember.ts';
import { retrieveMemory } from './retrieve-memory.ts';
import { runCode } from './run-code.ts';
import { searchAwsApi } from './search-aws-api.ts';
import { stopSession } from './stop-session.ts';

/** Every tool there is. What a server offers of it, its configuration decides. */
export const catalog: readonly Tool[] = [
  browse,
  callAwsApi,
  createMemoryTool,
  deployAgent,
  getLogs,
  getStatus,
  getTask,
  invokeAgentRuntime,
  listResources,
  readAwsApi,
  remember,
  retrieveMemory,
  runCode,
  searchAwsApi,
  stopSession,
];
