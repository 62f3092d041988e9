import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { defineCommand, noOptions, print } from './command.ts';

interface Finding {
  name: string;
  works: boolean;
  /** What was found, or what is wrong. */
  detail?: string;
  cure?: string;
}

/** A folder that is not there yet can be made when its nearest parent can be written. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return absent && dirname(folder) !== folder && isWritable(dirname(folder));
  }
}

function folderFinding(name: string, folder: string, flag: string): Finding {
  if (isWritable(folder)) return { name, works: true, detail: folder };
  return {
    name,
    works: false,
    detail: `${folder} cannot be written`,
    cure: `Choose another folder with ${flag}.`,
  };
}

async function engineFinding({ dataDir, engineIdle, logLevel }: Config): Promise<Finding> {
  const { ensureEngine } = await import('../engine/process.ts');
  try {
    const { url, version, notice } = await ensureEngine({ dataDir, idleSeconds: engineIdle, logLevel });
    return { name: 'Local engine', works: true, detail: notice ?? `${url}, version ${version}` };
  } catch (error) {
    return {
      name: 'Local engine',
      works: false,
      detail: (error as Error).message,
      cure: 'Mend what it names.',
    };
  }
}

/** Found by running code in a sandbox, not by looking at versions. */
async function codeFinding(): Promise<Finding> {
  const { createSandboxes } = await import('../engine/sandbox/index.ts');
  const name = 'Code sessions';
  const verdict = await createSandboxes({}).probe();
  if (verdict.works) return { name, works: true, detail: verdict.tier };
  return { name, works: false, detail: verdict.reason, cure: verdict.cure };
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
    const { message, hint } = (await failureOf(context, error)).details;
    return { name, works: false, detail: message, cure: hint };
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
        ? [await engineFinding(config), await codeFinding()]
        : [await awsFinding(config)]),
    ];
    findings.forEach(show);
    const off = findings.filter(({ works }) => !works).length;
    print(off === 0 ? '\nEverything works.' : `\n${off} of ${findings.length} are off.`);
    return off === 0 ? 0 : 1;
  },
});
