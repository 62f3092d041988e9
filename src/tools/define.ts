import { z } from 'zod';
import type { Effect } from '../agentcore/operations.ts';
import type { Toolset } from '../config-table.ts';
import type { Context } from '../context.ts';

/** What a handler knows about its call, besides the arguments. */
export interface ToolCall {
  context: Context;
  /** Aborts when the client cancels the call or goes away. */
  signal: AbortSignal;
  /** Tells a waiting client how far the work is. */
  progress(message: string): void;
}

/** An image, small enough to be shown to a model. */
export interface Image {
  mimeType: string;
  base64: string;
}

/** A resource the client can read through this server. */
export interface Link {
  uri: string;
  name: string;
  mimeType?: string;
  /** Bytes. */
  size?: number;
}

/** What a handler answers: data in the tool's own output shape. The renderer makes everything the client sees. */
export interface ToolAnswer<Output = Record<string, unknown>> {
  data: Output;
  images?: Image[];
  links?: Link[];
  /** Where the work was done, when that is not the server's own region. */
  region?: string;
  /** The answer of another tool that this one hands on, as `get_task` does. Its data becomes the member `result`. */
  inner?: Finished;
}

/** What a task of a tool ends with. */
export interface Finished {
  tool: Tool;
  answer: ToolAnswer;
}

export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** `[a-z0-9_]`, at most 40 characters. */
  name: string;
  title: string;
  toolset: Toolset;
  /** All four MCP annotations follow from it. */
  kind: Effect;
  /** The first sentence says what it does and when to use it. */
  description: string;
  /** Flat and strict: no nested objects, no unions at the top, no nullable. */
  input: Input;
  /**
   * What a full answer has. Clients are shown it without `required`, because a call may also be still running or have
   * failed; so a member must not be named `code`, `message`, `details`, `hint`, `retryable` or `requestId`.
   */
  output: Output;
  /** Answers without asking the backend: no account is checked, and no origin stands with the answer. */
  offline?: true;
  /** May take long: after `wait_seconds`, which {@link defineTool} adds, the client gets a task instead of the answer. */
  long?: true;
  /** Looks after the tasks of long tools: offered with any of them, unless it is left out by name. */
  forTasks?: true;
  /** Starts sessions that go on after the call. */
  startsSessions?: true;
  /** Ends sessions: offered with any tool that starts some, unless it is left out by name. */
  endsSessions?: true;
  /** What to do about images that are too large to be shown, e.g. `use a lower dpi`. */
  imagesCure?: string;
  /** How to get at what was cut from a long answer, e.g. `use a filter`. */
  cutCure?: string;
  /** Whether this call needs `--allow-writes` on AWS. Without it, every call of a tool that neither only reads nor is offline. */
  changes?(args: z.output<Input>): boolean | Promise<boolean>;
  handle(args: z.output<Input>, call: ToolCall): Promise<ToolAnswer<z.output<Output>>>;
}

/** The tool, with what every long one takes and answers besides its own. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  if (!tool.long) return tool;
  return {
    ...tool,
    input: tool.input.extend(longInput.shape) as unknown as Input,
    output: tool.output.extend(longOutput) as unknown as Output,
  };
}

/** The tool where nobody could ask for its tasks: a long one waits for its end. */
export function withoutTasks(tool: Tool): Tool {
  if (!tool.long) return tool;
  const { wait_seconds, background, ...input } = tool.input.shape;
  return {
    ...tool,
    long: undefined,
    input: z.strictObject(input),
    output: tool.output.omit({ status: true, task: true }),
  };
}

/** The argument of every tool that may wait. */
export const waitSeconds = z.int().min(0).max(900).optional().describe('Then gives a task id; 0: at once');

/** What every long tool takes. */
export const longInput = z.object({ wait_seconds: waitSeconds });

/** What a long tool answers when the wait is over first. */
const longOutput = { status: z.string().optional(), task: z.string().optional() };

const foreignSchemas = new WeakSet<z.ZodType>();

/** Marks a member of an output whose text comes from code, files or services: the renderer fences it. */
export function foreign<Schema extends z.ZodType>(schema: Schema): Schema {
  foreignSchemas.add(schema);
  return schema;
}

/** Whether {@link foreign} marked this schema, also below `.optional()`. */
export function isForeign(schema: z.ZodType | undefined): boolean {
  if (schema === undefined) return false;
  return (
    foreignSchemas.has(schema) || (schema instanceof z.ZodOptional && isForeign(schema.unwrap() as z.ZodType))
  );
}
