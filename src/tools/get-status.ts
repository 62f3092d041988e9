import { z } from 'zod';
import type { Context } from '../context.ts';
import type { SandboxProvider } from '../engine/sandbox/index.ts';
import { folderProblem } from '../platform/folders.ts';
import { ownCommand } from '../platform/own-command.ts';
import { programVersion } from '../platform/version.ts';
import { defineTool } from './define.ts';
import { failureOf } from './failures.ts';

/** A status is wanted most when something does not answer, so no part of it waits longer. */
const PATIENCE_MS = 5000;

const capability = z.object({
  name: z.string(),
  works: z.boolean(),
  problem: z.string().optional(),
  cure: z.string().optional(),
});

type Capability = z.output<typeof capability>;

export const getStatus = defineTool({
  name: 'get_status',
  title: 'Get status',
  toolset: 'core',
  kind: 'read',
  offline: true,
  description:
    'Say which backend, account and region this server works on, whether it may write, and what does not work with its cure. Use it first when a call fails.',
  input: z.strictObject({}),
  output: z.object({
    version: z.string(),
    backend: z.string(),
    account: z.string().optional(),
    region: z.string().optional(),
    writes: z.string(),
    workspace: z.string(),
    engine: z.string().optional(),
    notice: z.string().optional(),
    capabilities: z.array(capability),
    tools_off: z.array(z.string()).optional(),
  }),
  async handle(_args, { context }) {
    const { config, agentcore, workspace, offer } = context;
    const [origin, engine, sandbox] = await Promise.all([
      originOf(context),
      agentcore.backend === 'local' ? engineOf(context) : undefined,
      agentcore.backend === 'local' ? sandboxCapability() : undefined,
    ]);
    return {
      data: {
        version: programVersion,
        backend: config.backend,
        ...origin.known,
        writes: writesOf(context),
        workspace: workspace.root,
        ...engine,
        capabilities: [origin.capability, sandbox, ...foldersOff(context)].filter(
          (found) => found !== undefined,
        ),
        tools_off: offer.namesOff,
      },
    };
  },
});

function writesOf({ config, agentcore }: Context): string {
  if (config.readOnly) return 'off: started with --read-only';
  if (agentcore.backend === 'local' || config.allowWrites) return 'allowed';
  return 'off: on AWS they need --allow-writes';
}

/** On AWS this is the first thing that fails without credentials. */
async function originOf(context: Context): Promise<{ known: object; capability?: Capability }> {
  const { agentcore } = context;
  const name = 'AWS credentials';
  try {
    const { account, region } = await inTime(agentcore.origin());
    return {
      known: { account, region },
      capability: agentcore.backend === 'aws' ? { name, works: true } : undefined,
    };
  } catch (error) {
    const { code, message, hint } = (await failureOf(context, error)).details;
    return { known: {}, capability: { name, works: false, problem: `${code}: ${message}`, cure: hint } };
  }
}

/** The folders that cannot be written; those that can are not worth a word. */
function foldersOff({ config, agentcore, workspace }: Context): Capability[] {
  const folders = [
    { name: 'Workspace', folder: workspace.root, flag: '--workspace' },
    ...(agentcore.backend === 'local'
      ? [{ name: 'Data directory', folder: config.dataDir, flag: '--data-dir' }]
      : []),
  ];
  return folders.flatMap(({ name, folder, flag }) => {
    const problem = folderProblem(folder);
    if (!problem) return [];
    return [{ name, works: false, problem, cure: `Its user can choose another folder with ${flag}.` }];
  });
}

/** Whether code can run on this machine, found by running some; looked at anew when it did not. */
async function sandboxCapability(): Promise<Capability> {
  const { createSandboxes } = await import('../engine/sandbox/index.ts');
  const name = 'Code sessions';
  sandboxes ??= createSandboxes({});
  try {
    const verdict = await inTime(sandboxes.probe());
    if (verdict.works) return { name, works: true };
    return { name, works: false, problem: verdict.reason, cure: verdict.cure };
  } catch (error) {
    return { name, works: false, problem: (error as Error).message, cure: `Run ${ownCommand('doctor')}` };
  }
}

/** Keeps its verdict for a while. */
let sandboxes: SandboxProvider | undefined;

/** The engine that runs; looking does not start one. */
async function engineOf({ config }: Context): Promise<{ engine: string; notice?: string }> {
  const { findEngine } = await import('../engine/process.ts');
  try {
    const engine = await inTime(findEngine(config.dataDir));
    if (!engine) return { engine: 'not running; the first call that needs it starts it' };
    return { engine: `running at ${engine.url}, version ${engine.version}`, notice: engine.notice };
  } catch (error) {
    return { engine: `cannot be asked: ${(error as Error).message}` };
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
