import {
  type BedrockAgentCoreClient,
  ListMemoryExtractionJobsCommand,
  type ListMemoryExtractionJobsCommandInput,
  type ListMemoryExtractionJobsCommandOutput,
} from '@aws-sdk/client-bedrock-agentcore';

/** The failed jobs of a memory, and how many are left to be worked on, as a header of the answer tells. */
export async function jobsOf(
  client: BedrockAgentCoreClient,
  input: ListMemoryExtractionJobsCommandInput,
): Promise<{ failed: ListMemoryExtractionJobsCommandOutput['jobs']; left: number }> {
  const command = new ListMemoryExtractionJobsCommand(input);
  let left = Number.NaN;
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const { headers } = result.response as { headers: Record<string, string> };
      left = Number(headers['x-agentcore-mcp-pending']);
      return result;
    },
    { step: 'deserialize' },
  );
  const { jobs } = await client.send(command);
  return { failed: jobs, left };
}
