import { text as textOfStream } from 'node:stream/consumers';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { UsageError } from '../options.ts';
import { ownCommand } from '../platform/own-command.ts';
import { defineCommand, noOptions, print, say } from './command.ts';

const usage = `Usage: ${ownCommand("call <tool> '<arguments as JSON>'")}; - reads the arguments from standard input.`;

function parseArguments(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`The arguments are not valid JSON: ${(error as Error).message}. ${usage}`);
  }
}

/** The process ends with the call, and a task with it: there is nobody to ask for one later. */
const waitSeconds = Number.POSITIVE_INFINITY;

function withoutWait(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('wait_seconds' in input)) return input;
  say('wait_seconds is left out: a call from the command line waits for the end. Ctrl-C cancels it.');
  const { wait_seconds: _, ...rest } = input;
  return rest;
}

/** What of a result is not in the printed JSON, and how to get it. */
function sayWhatLacks(tool: string, { content, structuredContent }: CallToolResult): void {
  const { omitted } = (structuredContent ?? {}) as { omitted?: string };
  if (omitted)
    say(
      `Cut: ${omitted}. To get more: --max-result-tokens <number>; the most is 20000.` +
        (tool === 'run_code' ? ' To keep all, let the code write a file and name it in download.' : ''),
    );
  const images = content.filter(({ type }) => type === 'image').length;
  if (images > 0)
    say(`Not shown: ${images} image(s). To keep one, let the code save it and name it in download.`);
}

export const command = defineCommand({
  options: noOptions,
  mostArgs: 2,

  async run({ config, args }) {
    const [tool, json = '{}'] = args;
    if (!tool) throw new UsageError(usage);
    const input = parseArguments(json === '-' ? await textOfStream(process.stdin) : json);
    const [{ createContext }, { runTool }] = await Promise.all([
      import('../server.ts'),
      import('../tools/call.ts'),
    ]);
    const context = createContext({ ...config, waitSeconds });
    const interrupted = new AbortController();
    process.on('SIGINT', () => interrupted.abort());
    const result = await runTool(context, tool, withoutWait(input), {
      signal: interrupted.signal,
      progress: say,
    });
    print(JSON.stringify(result.structuredContent, null, 2));
    sayWhatLacks(tool, result);
    const notice = await context.agentcore.notice?.();
    if (notice) say(notice);
    await context.close();
    return result.isError ? 1 : 0;
  },
});
