import {
  type BedrockAgentCoreClient,
  InvokeCodeInterpreterCommand,
  type InvokeCodeInterpreterCommandInput,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { interpreter, startCodeSession } from '../harness/engine.ts';
import type { McpServer } from '../harness/mcp.ts';

type Request = Pick<InvokeCodeInterpreterCommandInput, 'name' | 'arguments'>;

/** More than a session may have. */
const TOO_MUCH_MEMORY = 'b = []\nwhile True: b.append(bytearray(64 * 1024 ** 2))';
const CRASH = 'import os; os.abort()';

/** One session of code through the AWS SDK, from its start to its end. */
export class CodeSessions {
  readonly #client: BedrockAgentCoreClient;

  constructor(client: BedrockAgentCoreClient) {
    this.#client = client;
  }

  /** Python, shell and files, each answer checked. */
  async use(): Promise<void> {
    await this.#inSession(async (ask) => {
      await expect(ask, python('x = 6 * 7; x'), '42');
      await expect(
        ask,
        { name: 'executeCommand', arguments: { command: 'echo from the shell' } },
        'from the shell',
      );
      await ask({ name: 'writeFiles', arguments: { content: [{ path: 'a.txt', text: 'kept' }] } });
      await expect(ask, python("open('a.txt').read() + str(x)"), "'kept42'");
    });
  }

  /** Code that takes too much memory, or takes its own process with it: the call fails or says so, and nothing hangs. */
  async misuse(how: 'memory' | 'crash'): Promise<void> {
    await this.#inSession(async (ask) => {
      const printed = await ask(python(how === 'memory' ? TOO_MUCH_MEMORY : CRASH)).catch((error: Error) => {
        if (error.name !== 'ConflictException' && error.name !== 'ResourceNotFoundException') throw error;
        return '';
      });
      if (printed !== '') throw new Error(`Code that cannot end well printed ${JSON.stringify(printed)}.`);
    });
  }

  async #inSession(work: (ask: Ask) => Promise<void>): Promise<void> {
    const named = { codeInterpreterIdentifier: interpreter, sessionId: await startCodeSession(this.#client) };
    try {
      await work((request) => this.#ask({ ...named, ...request }));
    } finally {
      await this.#client.send(new StopCodeInterpreterSessionCommand(named));
    }
  }

  async #ask(input: InvokeCodeInterpreterCommandInput): Promise<string> {
    const { stream = [] } = await this.#client.send(new InvokeCodeInterpreterCommand(input));
    let printed = '';
    for await (const { result } of stream) printed += result?.structuredContent?.stdout ?? '';
    return printed.trim();
  }
}

type Ask = (request: Request) => Promise<string>;

const python = (code: string): Request => ({ name: 'executeCode', arguments: { language: 'python', code } });

async function expect(ask: Ask, request: Request, answer: string): Promise<void> {
  const printed = await ask(request);
  if (printed !== answer)
    throw new Error(`${request.name} printed ${JSON.stringify(printed)}, not ${answer}.`);
}

/** A session of run_code over MCP, from its start to its end. */
export async function useTool(server: McpServer): Promise<void> {
  const { session, stdout } = await server.call('run_code', { code: 'sum(range(10))' });
  if (String(stdout).trim() !== '45') throw new Error(`run_code printed ${JSON.stringify(stdout)}, not 45.`);
  await server.call('stop_session', { session });
}
