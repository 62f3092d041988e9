import { z } from 'zod';
import type { Answer } from '../agentcore/api/call.ts';
import { kindOf } from '../agentcore/operations.ts';
import type { Workspace } from '../agentcore/workspace.ts';
import { ToolFailure } from '../failure.ts';
import { callAnswer, callArguments, prepare } from './aws-api.ts';
import { defineTool } from './define.ts';

export const callAwsApi = defineTool({
  name: 'call_aws_api',
  title: 'Call AgentCore',
  toolset: 'api',
  kind: 'execute',
  long: true,
  description:
    'Call any AgentCore operation: create, change, run, delete, read to a file. search_aws_api shows names and params. Tokens and keys in answers stay hidden.',
  input: z.strictObject({
    ...callArguments,
    dry_run: z.boolean().default(false).describe('Check and show the request, send nothing'),
    save_to: z.string().min(1).optional().describe('Workspace file for the answer'),
  }),
  output: z.object({
    ...callAnswer,
    request: z.string().optional(),
    saved: z.string().optional(),
  }),
  async changes({ dry_run, operation }) {
    if (dry_run) return false;
    const { operationNamed } = await import('../agentcore/api/call.ts');
    return kindOf(operationNamed(operation)) !== 'read';
  },
  async handle({ operation: name, dry_run, save_to, ...given }, call) {
    const { callOperation, operationNamed } = await import('../agentcore/api/call.ts');
    const operation = operationNamed(name);
    const { input, region } = await prepare(operation, given, call);
    const { agentcore, workspace } = call.context;
    if (save_to) await workspace.checkWritable(save_to);
    if (dry_run) {
      const { requestOf } = await import('../agentcore/api/request.ts');
      const request = await requestOf(agentcore.backend, region, operation, input);
      return { data: { operation: operation.name, request }, region };
    }
    const answer = await callOperation(agentcore, operation, input, { ...call, region });
    const shown = save_to ? await saved(workspace, save_to, answer) : pick(answer);
    return { data: { operation: operation.name, ...shown, request_id: answer.requestId }, region };
  },
});

const pick = ({ result, notes }: Answer) => ({ result, notes });

/** The operation has been done, so an answer that cannot be saved is shown after all. */
async function saved(workspace: Workspace, path: string, { result, notes, body }: Answer) {
  try {
    const content = body ?? Buffer.from(JSON.stringify(result, undefined, 2));
    return { saved: await workspace.write(path, content), notes };
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    return { result, notes: [...notes, `The call was made, but its answer was not saved: ${error.message}`] };
  }
}
