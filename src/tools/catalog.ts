import type { Tool } from './define.ts';
import { getStatus } from './get-status.ts';
import { getTask } from './get-task.ts';
import { listResources } from './list-resources.ts';
import { runCode } from './run-code.ts';
import { stopSession } from './stop-session.ts';

/** Every tool there is. What a server offers of it, its configuration decides. */
export const catalog: readonly Tool[] = [getStatus, getTask, listResources, runCode, stopSession];
