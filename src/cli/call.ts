import { text as textOfStream } from 'node:stream/consumers';
import { UsageError } from '../options.ts';
import { ownCommand } from '../platform/own-command.ts';
import { defineCommand, noOptions, print, say } from './command.ts';

const usage = `Usage: ${ownCommand("call <tool> '<arguments as JSON>'")}; - reads the arguments from standard input.`;

/** A person at a terminal waits; there is nobody to ask for a task later. */
const longestWaitSeconds = 3_600;

function parseArguments(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`The arguments are not valid JSON: ${(error as Error).message}. ${usage}`);
  }
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
    const context = createContext({ ...config, waitSeconds: longestWaitSeconds });
    const interrupted = new AbortController();
    process.on('SIGINT', () => interrupted.abort());
    const result = await runTool(context, tool, input, { signal: interrupted.signal, progress: say });
    print(JSON.stringify(result.structuredContent, null, 2));
    const images = result.content.filter(({ type }) => type === 'image').length;
    if (images > 0)
      say(`Not shown: ${images} image(s). To keep one, let the code save it and name it in download.`);
    return result.isError ? 1 : 0;
  },
});
