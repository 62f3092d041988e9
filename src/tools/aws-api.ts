import { z } from 'zod';
import type { Input } from '../agentcore/api/call.ts';
import type { Operation } from '../engine/wire/operations.ts';
import { foreign, type ToolCall } from './define.ts';

/** A file given as a blob; the longest payload AgentCore takes. */
const MAX_FILE_BYTES = 100 * 1024 * 1024;

/** Some clients send an object as its JSON text. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** `true` where zod would write `{}`, which schema checkers take for an oversight. */
const anyObject = z.looseObject({}).meta({ additionalProperties: true });

/** The arguments of both tools that call operations. */
export const callArguments = {
  operation: z.string().describe('Name, e.g. ListMemories'),
  params: z
    .preprocess(parsed, anyObject)
    .optional()
    .describe('Its input. Bytes: text, {"base64": …} or {"file": workspace path}'),
  region: z.string().min(1).optional(),
};

/** What both tools answer. */
export const callAnswer = {
  operation: z.string(),
  result: foreign(z.record(z.string(), z.unknown()).optional()),
  notes: z.array(z.string()).optional(),
  request_id: z.string().optional(),
};

/** A call that is ready to be sent. */
export interface Prepared {
  operation: Operation;
  input: Input;
  region: string;
}

/**
 * Checks what a model asked for before anything is sent.
 * @throws ToolFailure for an unknown operation, and for input that breaks its model.
 */
export async function prepare(
  operation: Operation,
  { params = {}, region }: { params?: Readonly<Record<string, unknown>>; region?: string },
  { context }: ToolCall,
): Promise<Prepared> {
  const { inputOf } = await import('../agentcore/api/params.ts');
  const { regionOfPinned } = await import('../agentcore/api/pins.ts');
  const { regionFor } = await import('../agentcore/api/call.ts');
  const { agentcore, pins, workspace } = context;
  const input = await inputOf(operation, params, (path) => workspace.read(path, MAX_FILE_BYTES), pins);
  const asked = regionOfPinned(input, pins) ?? region;
  return { operation, input, region: await regionFor(agentcore, input, asked) };
}
