import { z } from 'zod';
import { callAnswer, callArguments, prepare } from './aws-api.ts';
import { defineTool } from './define.ts';

export const callAwsApi = defineTool({
  name: 'call_aws_api',
  title: 'Call the AgentCore API',
  toolset: 'api',
  kind: 'execute',
  long: true,
  description:
    'Call any AgentCore operation, also one that creates, changes, runs or deletes. search_aws_api shows names and params. Tokens and keys in answers stay hidden.',
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
  changes: ({ dry_run }) => !dry_run,
  async handle({ operation: name, dry_run, save_to, ...given }, call) {
    const { callOperation, operationNamed } = await import('../agentcore/api/call.ts');
    const operation = operationNamed(name);
    const { input, region } = await prepare(operation, given, call);
    const { agentcore, workspace } = call.context;
    if (dry_run) {
      const { requestOf } = await import('../agentcore/api/request.ts');
      const request = await requestOf(agentcore.backend, region, operation, input);
      return { data: { operation: operation.name, request }, region };
    }
    const answer = await callOperation(agentcore, operation, input, { ...call, region });
    const { result, notes, body, requestId } = answer;
    const saved =
      save_to && (await workspace.write(save_to, body ?? Buffer.from(JSON.stringify(result, undefined, 2))));
    const shown = saved ? { saved } : { result };
    return { data: { operation: operation.name, ...shown, notes, request_id: requestId }, region };
  },
});
