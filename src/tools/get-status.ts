import { existsSync } from 'node:fs';
import { z } from 'zod';
import { type Config, serviceSettings } from '../config.ts';
import type { Context } from '../context.ts';
import { englishModel, localModel } from '../engine/models/embeddings/local/local-model.ts';
import { prepareDataDir } from '../engine/process/data-dir.ts';
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
    const isLocal = agentcore.backend === 'local';
    const workspaceOff = folderOff('Workspace', folderProblem(workspace.root), '--workspace');
    const dataDirOff = isLocal
      ? folderOff('Data directory', dataDirProblem(config.dataDir), '--data-dir')
      : undefined;
    const [origin, engine, code, browser] = await Promise.all([
      originOf(context),
      isLocal ? engineOf(context) : undefined,
      isLocal ? capabilityOf('Code sessions', dataDirOff, probeCode) : undefined,
      isLocal ? capabilityOf('Browser sessions', dataDirOff, () => probeBrowser(config)) : undefined,
    ]);
    return {
      data: {
        version: programVersion,
        backend: config.backend,
        ...origin.known,
        writes: writesOf(context),
        workspace: workspace.root,
        ...engine?.known,
        capabilities: [
          ...[origin.capability, code, browser, engine?.model, engine?.languages],
          ...[workspaceOff, dataDirOff],
        ].filter((found) => found !== undefined),
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

/** A folder that cannot be used; one that can is not worth a word. */
function folderOff(name: string, problem: string | undefined, flag: string): Capability | undefined {
  if (!problem) return undefined;
  return { name, works: false, problem, cure: `Its user can choose another folder with ${flag}.` };
}

/** Why no engine would start there. Looking makes no data directory. */
function dataDirProblem(dataDir: string): string | undefined {
  const problem = folderProblem(dataDir);
  if (problem || !existsSync(dataDir)) return problem;
  try {
    prepareDataDir(dataDir);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

type Verdict = { works: true } | { works: false; reason: string; cure: string };

/** Whether sessions can run on this machine. */
async function capabilityOf(
  name: string,
  dataDirOff: Capability | undefined,
  probe: () => Promise<Verdict>,
): Promise<Capability> {
  if (dataDirOff) return { ...dataDirOff, name };
  try {
    const verdict = await inTime(probe());
    if (verdict.works) return { name, works: true };
    return { name, works: false, problem: verdict.reason, cure: verdict.cure };
  } catch (error) {
    return { name, works: false, problem: (error as Error).message, cure: `Run ${ownCommand('doctor')}` };
  }
}

/** Found by running some code; looked at anew when that did not work. */
async function probeCode(): Promise<Verdict> {
  return (await theSandboxes()).probe();
}

async function probeBrowser({ browserPath: path }: Config): Promise<Verdict> {
  const { createBrowsers } = await import('../engine/browser/sandboxed.ts');
  return createBrowsers({ sandboxes: await theSandboxes(), path, spares: 0 }).probe();
}

/** They keep their verdict for a while. */
let sandboxes: SandboxProvider | undefined;

async function theSandboxes(): Promise<SandboxProvider> {
  const { createSandboxes } = await import('../engine/sandbox/index.ts');
  sandboxes ??= createSandboxes({});
  return sandboxes;
}

interface EngineStatus {
  known: { engine: string; notice?: string };
  model?: Capability;
  /** Of memory. */
  languages?: Capability;
}

/** The engine that runs; looking does not start one. */
async function engineOf({ config }: Context): Promise<EngineStatus> {
  const { findEngine } = await import('../engine/process.ts');
  try {
    const found = await inTime(findEngine(config.dataDir, serviceSettings(config)));
    const model = modelCapability(found ? found.model !== undefined : config.model !== undefined);
    const embedder = found ? found.embedder : config.embedding ? undefined : localModel().name;
    const off = { model, languages: languagesCapability(embedder) };
    if (!found) return { known: { engine: 'not running; the first call that needs it starts it' }, ...off };
    const { url, version, notice } = found;
    const answering = found.model ? `, agents' model: ${found.model}` : '';
    const searching = embedder ? `, memory search: ${embedder}` : '';
    return {
      known: { engine: `running at ${url}, version ${version}${answering}${searching}`, notice },
      ...off,
    };
  } catch (error) {
    return { known: { engine: `cannot be asked: ${(error as Error).message}` } };
  }
}

/** Agents run without a model; those that ask Bedrock for one do not get far. */
function modelCapability(configured: boolean): Capability | undefined {
  if (configured) return undefined;
  return {
    name: 'Language model for agents',
    works: false,
    problem: 'none is configured; agents that need none work',
    cure: 'Have the server restarted with --model-url (Ollama, LM Studio, ...), --model-bedrock or --model-script.',
  };
}

/** The model of this package knows English; setup fetches one that knows more. */
function languagesCapability(embedder: string | undefined): Capability | undefined {
  if (embedder !== englishModel.name) return undefined;
  return {
    name: 'Memory search in other languages than English',
    works: false,
    problem: `${embedder} is in use; other languages are searched by their words alone`,
    cure: `Run ${ownCommand('setup')}; it fetches a model that knows fourteen others, which the engine uses from its next start. Or have the server restarted with --embedding-url (Ollama, LM Studio, ...) or --embedding-bedrock.`,
  };
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
