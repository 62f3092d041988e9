import type { Context } from '../context.ts';
import { ToolFailure } from '../failure.ts';

/** What a model is told about anything that was thrown. */
export async function failureOf({ agentcore }: Context, error: unknown): Promise<ToolFailure> {
  if (error instanceof ToolFailure) return error;
  const { explain } = await import('../agentcore/errors.ts');
  return explain(error, { backend: agentcore.backend });
}
