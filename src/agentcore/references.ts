import type { Workspace } from './workspace.ts';

const MAX_BYTES = 16 * 1024;

/** Where things lie that are named instead of said. */
export interface Sources {
  workspace: Workspace;
  env: NodeJS.ProcessEnv;
}

/** What a reference names. */
export interface Referenced {
  /** Whether it has the form of a reference. */
  isReference: boolean;
  /** What lies there. */
  value?: string | undefined;
}

/**
 * What the name of a variable of the server's environment stands for, or the content of `file:<workspace file>`. The
 * variables that this server and the AWS SDK read for themselves are not to be had.
 * @throws ToolFailure where there is no such file in the workspace.
 */
export async function dereference(reference: string, { workspace, env }: Sources): Promise<Referenced> {
  if (reference.startsWith('file:')) {
    const content = await workspace.read(reference.slice('file:'.length), MAX_BYTES);
    return { isReference: true, value: content.toString() };
  }
  const isReference =
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(reference) && !/^(?:AWS|AGENTCORE_MCP)_/i.test(reference);
  return { isReference, value: isReference ? env[reference] : undefined };
}
