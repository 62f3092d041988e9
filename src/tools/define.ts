import type { z } from 'zod';
import type { Context } from '../context.ts';

/** What a tool does to the world; all four MCP annotations follow from it. */
export type ToolKind = 'read' | 'write' | 'destructive' | 'execute';

export const toolsets = ['core', 'code', 'api'] as const;
export type Toolset = (typeof toolsets)[number];

/** What a handler knows about its call, besides the arguments. */
export interface ToolCall {
  context: Context;
  /** Aborts when the client cancels the call or goes away. */
  signal: AbortSignal;
  /** Tells a waiting client how far the work is. */
  progress(message: string): void;
}

/** What a handler answers: data in the tool's own output shape. The renderer makes everything the client sees. */
export interface ToolAnswer<Output> {
  data: Output;
  images?: { mimeType: string; base64: string }[];
  links?: { uri: string; name: string; mimeType?: string; size?: number }[];
}

export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** `[a-z0-9_]`, at most 40 characters. */
  name: string;
  title: string;
  toolset: Toolset;
  kind: ToolKind;
  /** The first sentence says what it does and when to use it. */
  description: string;
  /** Flat and strict: no nested objects, no unions at the top, no nullable. */
  input: Input;
  output: Output;
  handle(args: z.output<Input>, call: ToolCall): Promise<ToolAnswer<z.output<Output>>>;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}
