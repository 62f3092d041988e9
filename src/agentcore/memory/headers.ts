import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';

/** What the local engine says besides; AWS says none of it. */
const names = {
  /** Of CreateEvent: `pending` where long-term memories are being made of it, otherwise `none`. */
  extraction: 'x-agentcore-mcp-extraction',
  /** Of ListMemoryExtractionJobs: how many that fit its filter have not ended. */
  pending: 'x-agentcore-mcp-pending',
  /** Of RetrieveMemoryRecords: what to know about how it searched. */
  note: 'x-agentcore-mcp-note',
} as const;

type Headers = Partial<Record<keyof typeof names, string>>;

/** Lets the headers of a command's answer be read, once it has been sent. */
export function headersOf(command: { middlewareStack: object }): Headers {
  const stack = command.middlewareStack as BedrockAgentCoreClient['middlewareStack'];
  const read: Headers = {};
  stack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers = {} } = result.response as { headers?: Record<string, string> };
      for (const name of Object.keys(names) as (keyof typeof names)[]) {
        const value = headers[names[name]];
        if (value !== undefined) read[name] = value;
      }
      return result;
    },
    { step: 'deserialize', name: 'engineHeaders', priority: 'low' },
  );
  return read;
}
