import { z } from 'zod';
import { ToolFailure } from '../failure.ts';
import { callAnswer, callArguments, prepare } from './aws-api.ts';
import { defineTool } from './define.ts';

const MAX_ITEMS = 1_000;

export const readAwsApi = defineTool({
  name: 'read_aws_api',
  title: 'Read from AgentCore',
  toolset: 'api',
  kind: 'read',
  long: true,
  description:
    'Call an AgentCore operation that only reads (Get, List, Retrieve, Search). search_aws_api shows names and params.',
  input: z.strictObject({
    ...callArguments,
    params: callArguments.params.describe('Its input'),
    max_items: z.int().min(1).max(MAX_ITEMS).optional().describe('Follow pages up to so many items'),
  }),
  output: z.object(callAnswer),
  async handle({ operation: name, max_items, ...given }, call) {
    const { callOperation, callPages, operationNamed } = await import('../agentcore/api/call.ts');
    const { kindOf } = await import('../agentcore/operations.ts');
    const operation = operationNamed(name);
    if (kindOf(operation) !== 'read') throw notReading(operation.name);
    const { input, region } = await prepare(operation, given, call);
    const { agentcore } = call.context;
    const options = { region, signal: call.signal, progress: call.progress };
    const { result, notes, requestId } = max_items
      ? await callPages(agentcore, operation, input, max_items, options)
      : await callOperation(agentcore, operation, input, options);
    return { data: { operation: operation.name, result, notes, request_id: requestId }, region };
  },
});

function notReading(operation: string): ToolFailure {
  return new ToolFailure({
    code: 'NotReading',
    message: `${operation} does not only read, so read_aws_api does not call it.`,
    hint: 'Use call_aws_api with the same arguments.',
  });
}
