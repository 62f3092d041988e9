import { z } from 'zod';
import { defineTool } from './define.ts';

const MAX_HITS = 25;

export const searchAwsApi = defineTool({
  name: 'search_aws_api',
  title: 'Search AgentCore API',
  toolset: 'api',
  kind: 'read',
  offline: true,
  description:
    'Find AgentCore API operations by plain words, when no other tool does the job. Given the exact name of an operation or shape, shows its types, constraints, errors and an example.',
  input: z.strictObject({
    query: z.string().min(1).max(300).describe('E.g. "list gateways" or CreateMemory'),
    plane: z.enum(['data', 'control']).optional().describe('data: use resources. control: manage them'),
    limit: z.int().min(1).max(MAX_HITS).default(8),
  }),
  output: z.object({
    description: z.string().optional(),
    operations: z
      .array(z.object({ name: z.string(), plane: z.string(), kind: z.string(), does: z.string() }))
      .optional(),
    note: z.string().optional(),
  }),
  async handle({ query, plane, limit }) {
    const description = await describe(query.trim());
    if (description) return { data: { description } };
    const { searchOperations } = await import('../agentcore/api/search.ts');
    const { kindOf } = await import('../agentcore/operations.ts');
    const hits = await searchOperations(query, { plane, limit });
    if (hits.length === 0) return { data: { note: 'Nothing fits. Try other words, in English.' } };
    const operations = hits.map(({ operation, summary }) => ({
      name: operation.name,
      plane: operation.plane,
      kind: kindOf(operation),
      does: summary,
    }));
    return { data: { operations, note: 'Search for an exact name to see its types.' } };
  },
});

/** Of what has exactly this name; plain words are no name. */
async function describe(name: string): Promise<string | undefined> {
  if (/\s/.test(name)) return undefined;
  const { findOperation } = await import('../agentcore/api/call.ts');
  const { describeOperation, describeShape } = await import('../agentcore/api/describe.ts');
  const operation = findOperation(name);
  return operation ? describeOperation(operation) : describeShape(name);
}
