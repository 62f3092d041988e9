import { existsSync } from 'node:fs';
import { type Config, engineSettings } from '../config.ts';
import { managedEnvironment } from '../engine/sandbox/python.ts';
import type { SandboxProvider } from '../engine/sandbox/sandbox.ts';
import { folderProblem } from '../platform/folders.ts';
import { ownCommand } from '../platform/own-command.ts';
import { defineCommand, noOptions, print } from './command.ts';

const PACKAGES = 'IPython, numpy, pandas, matplotlib';
const MODEL = 'Model of agents';
const MODEL_MS = 5_000;
const MEMORY_MS = 30_000;
/** The first import compiles them all. */
const IMPORT_MS = 60_000;

interface Finding {
  name: string;
  works: boolean;
  /** What was found, or what is wrong. */
  detail?: string;
  cure?: string;
}

function folderFinding(name: string, folder: string, flag: string): Finding {
  const problem = folderProblem(folder);
  if (problem) return { name, works: false, detail: problem, cure: `Choose another folder with ${flag}.` };
  const detail = existsSync(folder) ? folder : `${folder}, which is made when it is first needed`;
  return { name, works: true, detail };
}

/** Found by starting one, which is stopped again unless somebody began to use it. */
async function engineFinding(config: Config): Promise<Finding> {
  const { ensureEngine, findEngine, stopEngine } = await import('../engine/process.ts');
  const { dataDir } = config;
  try {
    const ranBefore = (await findEngine(dataDir)) !== undefined;
    const { url, version, notice } = await ensureEngine(engineSettings(config));
    if (!ranBefore) await stopEngine(dataDir, { ifIdle: true });
    const where = ranBefore ? `runs at ${url}` : 'starts when it is needed';
    return { name: 'Local engine', works: true, detail: notice ?? `${where}, version ${version}` };
  } catch (error) {
    return {
      name: 'Local engine',
      works: false,
      detail: (error as Error).message,
      cure: 'Remove the cause that is named above, then run this again.',
    };
  }
}

/** Found by running code in a sandbox, not by looking at versions. */
async function codeFinding(): Promise<Finding> {
  const { createSandboxes } = await import('../engine/sandbox/index.ts');
  const name = 'Code sessions';
  const sandboxes = createSandboxes({});
  const verdict = await sandboxes.probe();
  if (!verdict.works) return { name, works: false, detail: verdict.reason, cure: verdict.cure };
  const complaint = await importComplaint(sandboxes);
  if (!complaint) return { name, works: true, detail: `${verdict.tier}, with ${PACKAGES}` };
  return {
    name,
    works: false,
    detail: `the Python packages do not work: ${complaint}`,
    cure: `Remove the folder ${managedEnvironment()}, then run this in a terminal: ${ownCommand('setup')}`,
  };
}

/** What Python says when the packages that code sessions promise cannot be imported. */
async function importComplaint(sandboxes: SandboxProvider): Promise<string | undefined> {
  const sandbox = await sandboxes.start('doctor');
  try {
    const command = `python -c 'import ${PACKAGES}'`;
    const { exitCode, stderr, interruption } = await sandbox.runCommand(command, { timeoutMs: IMPORT_MS });
    if (exitCode === 0) return undefined;
    return interruption ?? stderr.trim().split('\n').at(-1);
  } finally {
    await sandbox.close();
  }
}

/** Found by starting one. */
async function browserFinding({ browserPath: path }: Config): Promise<Finding> {
  const [{ createBrowsers }, { createEgress }, { createSandboxes }, { defaultViewPort }, { silentLog }] =
    await Promise.all([
      import('../engine/browser/sandboxed.ts'),
      import('../engine/egress/index.ts'),
      import('../engine/sandbox/index.ts'),
      import('../engine/browser/browser.ts'),
      import('../engine/log.ts'),
    ]);
  const name = 'Browser sessions';
  const browsers = createBrowsers({ sandboxes: createSandboxes({}), path, spares: 0 });
  const verdict = await browsers.probe();
  if (!verdict.works) return { name, works: false, detail: verdict.reason, cure: verdict.cure };
  try {
    const egress = createEgress({ allowHosts: [], log: silentLog });
    const browser = await browsers.start('doctor', { viewPort: defaultViewPort, egress });
    const cdp = await browser.cdp();
    const { product } = await cdp.send('Browser.getVersion');
    await browser.close();
    return { name, works: true, detail: product };
  } catch (error) {
    return { name, works: false, detail: (error as Error).message };
  }
}

/** What agents run on; a model is wanted only by those that ask Bedrock. */
async function agentsFinding(config: Config): Promise<Finding> {
  const [{ createModel, modelProblem }, { findInterpreter }] = await Promise.all([
    import('../engine/models/index.ts'),
    import('../engine/sandbox/interpreters.ts'),
  ]);
  const name = 'Agents';
  try {
    const [python, node] = await Promise.all(
      (['PYTHON_3_13', 'NODE_22'] as const).map((runtime) => findInterpreter(runtime)),
    );
    const problem = config.model && (await modelProblem(config.model, AbortSignal.timeout(MODEL_MS)));
    if (problem)
      return { name: MODEL, works: false, detail: problem, cure: 'Mend that, or choose another model.' };
    const model = config.model
      ? createModel(config.model).name
      : 'none (--model-url, --model-bedrock or --model-script)';
    return {
      name,
      works: true,
      detail: `Python ${python?.version}, Node ${node?.version}; model for those that ask Bedrock: ${model}`,
    };
  } catch (error) {
    return { name, works: false, detail: (error as Error).message };
  }
}

/** Found by embedding something. */
async function memoryFinding({ embedding = { provider: 'local' } }: Config): Promise<Finding> {
  const [{ createEmbedder }, { englishModel }, { silentLog }] = await Promise.all([
    import('../engine/models/embeddings/index.ts'),
    import('../engine/models/embeddings/local/local-model.ts'),
    import('../engine/log.ts'),
  ]);
  const name = 'Memory search';
  try {
    const embedder = createEmbedder(embedding, { log: silentLog });
    await embedder
      .embed(['Is anybody there?'], AbortSignal.timeout(MEMORY_MS))
      .finally(() => embedder.close());
    const more = embedder.name === englishModel.name ? `; for more languages: ${ownCommand('setup')}` : '';
    return { name, works: true, detail: `${embedder.name}${more}` };
  } catch (error) {
    return { name, works: false, detail: (error as Error).message };
  }
}

async function awsFinding(config: Config): Promise<Finding> {
  const [{ createContext }, { failureOf }] = await Promise.all([
    import('../server.ts'),
    import('../tools/failures.ts'),
  ]);
  const context = createContext(config);
  const name = 'AWS credentials';
  try {
    const { account, region } = await context.agentcore.origin();
    return { name, works: true, detail: `account ${account}, ${region}` };
  } catch (error) {
    const { message, details } = await failureOf(context, error);
    return { name, works: false, detail: message, cure: details.hint };
  }
}

function show({ name, works, detail, cure }: Finding): void {
  print(`${works ? 'ok ' : 'OFF'}  ${name}${detail ? `: ${detail}` : ''}`);
  if (cure) print(`     ${cure}`);
}

export const command = defineCommand({
  options: noOptions,

  /** @returns 1 when something is off. */
  async run({ config }) {
    const findings = [
      { name: 'Node', works: true, detail: `${process.versions.node}, ${process.execPath}` },
      folderFinding('Data directory', config.dataDir, '--data-dir'),
      folderFinding('Workspace', config.workspace, '--workspace'),
      ...(config.backend === 'local'
        ? [
            await engineFinding(config),
            await codeFinding(),
            await browserFinding(config),
            await agentsFinding(config),
            await memoryFinding(config),
          ]
        : [await awsFinding(config)]),
    ];
    findings.forEach(show);
    const off = findings.filter(({ works }) => !works).length;
    print(
      off === 0 ? '\nEverything works.' : `\n${off} of ${findings.length} ${off === 1 ? 'is' : 'are'} off.`,
    );
    return off === 0 ? 0 : 1;
  },
});
