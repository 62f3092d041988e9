import { z } from 'zod';
import type { Deployed } from '../agentcore/deploy/deploy.ts';
import { isPythonVersion, pythonVersions } from '../agentcore/deploy/entry-point.ts';
import { ToolFailure } from '../failure.ts';
import { askAgent } from './ask-agent.ts';
import { parsed } from './aws-api.ts';
import { defineTool, foreign, type ToolCall } from './define.ts';
import { checkPrompt } from './invoke-agent-runtime.ts';

const MAX_OMITTED = 12;
const MAX_PACKAGES = 12;

const input = z.strictObject({
  name: z.string().min(1).max(200),
  path: z.string().optional().describe('Folder or file in the workspace'),
  files: z
    .preprocess(parsed, z.looseObject({}).meta({ additionalProperties: { type: 'string' } }))
    .optional()
    .describe('Instead of path: {"main.py": text, "requirements.txt": …}'),
  entry_point: z.string().optional().describe('Default: main.py, index.mjs…'),
  env: z
    .array(z.string())
    .optional()
    .describe('NAME=value. Secrets: NAME, from the server, or NAME=file:path'),
  python: z
    .string()
    .refine(isPythonVersion, `must be one of ${pythonVersions.join(', ')}`)
    .optional()
    .describe('E.g. 3.12'),
  protocol: z.enum(['http', 'mcp']).optional(),
  prompt: z.string().optional().describe('A question to test it'),
});

type Arguments = z.output<typeof input>;

export const deployAgent = defineTool({
  name: 'deploy_agent',
  title: 'Deploy an agent',
  toolset: 'agents',
  kind: 'execute',
  long: true,
  startsSessions: true,
  description:
    'Make an agent of code: fetch requirements.txt, create or update the agent of this name, wait until READY. Code: e.g. with BedrockAgentCoreApp of bedrock-agentcore.',
  input,
  output: z.object({
    arn: z.string(),
    version: z.string(),
    runtime: z.string(),
    included: z.string(),
    left_out: foreign(z.array(z.string()).optional()),
    seconds: z.record(z.string(), z.number()),
    answer: foreign(z.unknown()),
    session: z.string().optional(),
    note: z.string().optional(),
  }),
  async handle(args, call) {
    const { context, signal, progress } = call;
    checkArguments(args);
    const { agentcore, workspace, pins, config } = context;
    const protocol = args.protocol === undefined ? undefined : args.protocol === 'mcp' ? 'MCP' : 'HTTP';
    const { deploy } = await import('../agentcore/deploy/deploy.ts');
    const deployed = await deploy(
      { ...args, entryPoint: args.entry_point, env: args.env ?? [], protocol },
      { agentcore, workspace, dataDir: config.dataDir, pins, signal, progress },
    );
    const { runtime, source, seconds, start } = deployed;
    const asked = args.prompt === undefined ? undefined : await ask(args.prompt, deployed, call);
    return {
      data: {
        arn: runtime.agentRuntimeArn ?? '',
        version: runtime.agentRuntimeVersion ?? '',
        runtime: [start.runtime, runtime.platformVersion].filter(Boolean).join(', platform '),
        included: includedIn(deployed),
        left_out: shortened(source.omitted, MAX_OMITTED),
        seconds: { ...seconds, ...asked?.seconds },
        answer: asked?.answer,
        session: asked?.session,
        note: noteOf(args, deployed, await agentcore.notice?.()),
      },
    };
  },
});

function checkArguments({ path, files, prompt, protocol }: Arguments): void {
  if ((path === undefined) === (files === undefined))
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `deploy_agent: ${path === undefined ? 'there is no code' : 'path and files exclude each other'}.`,
      hint: 'Give path, a folder or file of the workspace, or files, the texts of the files by name.',
    });
  if (prompt !== undefined && protocol === 'mcp') checkPrompt('The agent', 'MCP');
}

/** The smoke question. The agent stays deployed when it fails. */
async function ask(prompt: string, { runtime }: Deployed, call: ToolCall) {
  const { agentcore, agentSessions } = call.context;
  const { agentRuntimeName: name = '', agentRuntimeId: id = '', agentRuntimeArn: arn = '' } = runtime;
  checkPrompt(name, runtime.protocolConfiguration?.serverProtocol ?? 'HTTP');
  call.progress(`asking ${name}`);
  const agent = { id, arn, name, region: await agentcore.region(), runtime };
  const { id: session } = agentSessions.open(undefined, agent);
  const begun = performance.now();
  const payload = Buffer.from(JSON.stringify({ prompt }));
  try {
    const { answer } = await askAgent({ agent, session, payload }, call);
    return { answer, session, seconds: { prompt: Math.round(performance.now() - begun) / 1000 } };
  } catch (error) {
    if (!(error instanceof ToolFailure)) throw error;
    const { details } = error;
    throw new ToolFailure(
      {
        ...details,
        message: `${name} is deployed as version ${runtime.agentRuntimeVersion} (${arn}), but did not answer: ${details.message}`,
      },
      { cause: error },
    );
  }
}

function includedIn({ source, start, dependencies }: Deployed): string {
  const { packages = [], cached } = dependencies ?? {};
  const files = `${source.files.length} ${source.files.length === 1 ? 'file' : 'files'}, started with ${start.file}`;
  if (!dependencies) return files;
  const named = shortened(packages, MAX_PACKAGES).join(', ');
  const count = `${packages.length} ${packages.length === 1 ? 'package' : 'packages'}`;
  return `${files}; ${count}${cached ? ' (fetched before)' : ''}: ${named}`;
}

function shortened(list: readonly string[], most: number): string[] {
  return list.length > most ? [...list.slice(0, most), `and ${list.length - most} more`] : [...list];
}

function noteOf(args: Arguments, deployed: Deployed, notice: string | undefined): string | undefined {
  const { runtime, done, start, source, dependencies, environment } = deployed;
  const { agentRuntimeName: name, agentRuntimeVersion: version } = runtime;
  const brought = source.files.some(({ path }) => /^(?:bedrock_agentcore|node_modules)\//.test(path));
  const isHttp = (runtime.protocolConfiguration?.serverProtocol ?? 'HTTP') === 'HTTP';
  const notes = [
    done === 'unchanged' &&
      `Version ${version} with the same code and settings runs already; nothing was changed.`,
    done === 'updated' && 'Sessions that run go on with the code they were started with.',
    name !== args.name && `Its name is ${name}.`,
    environment.length > 0 && `Environment: ${environment.toSorted().join(', ')}.`,
    !dependencies &&
      !brought &&
      start.runtime !== 'NODE_22' &&
      'There is no requirements.txt, so it has only the standard library of Python.',
    args.prompt === undefined &&
      `This call has not tried it: ask it with invoke_agent_runtime${isHttp ? ', or give prompt' : ''}.`,
    notice,
  ];
  return notes.filter(Boolean).join(' ') || undefined;
}
