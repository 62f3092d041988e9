import { posix } from 'node:path';
import { ToolFailure } from '../../failure.ts';
import type { Workspace } from '../workspace.ts';

/** A file of an agent, as it goes into the zip. */
export interface SourceFile {
  /** Relative to the agent's folder, with slashes. */
  path: string;
  content: Buffer;
  executable: boolean;
}

/** The agent's own files. */
export interface Source {
  files: SourceFile[];
  /** What lies in the folder and stays here, each with the reason. */
  omitted: string[];
}

/** AgentCore takes 750 MB unpacked, dependencies included. */
const MAX_BYTES = 250 * 1024 * 1024;
const MAX_FILES = 50_000;

const notCode = new Set(['__pycache__', 'venv', 'env', 'site-packages', '__MACOSX', 'cdk.out']);

/** Why an entry of the folder stays here; undefined where it goes along. A package of Node keeps all that is in it. */
function whyOmitted(path: string, isFolder: boolean): string | undefined {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  if (/^\.env(?:\..*)?$/.test(name)) return 'holds secrets';
  if (parts.slice(0, -1).includes('node_modules')) return undefined;
  if (name.startsWith('.')) return 'hidden';
  if (isFolder && notCode.has(name)) return 'no code of the agent';
  return /\.py[co]$/.test(name) ? 'made by Python' : undefined;
}

/**
 * The files of a folder below the workspace, or of one file. Links, hidden files, virtual environments and caches stay
 * here; `node_modules` goes along.
 * @throws ToolFailure where the path leads nowhere or out of the workspace, or the files are too many or too large.
 */
export async function sourceOfPath(workspace: Workspace, path: string): Promise<Source> {
  const entries = workspace.list(path, (folder) => !whyOmitted(folder, true));
  const omitted: string[] = [];
  const files: SourceFile[] = [];
  let room = MAX_BYTES;
  for await (const { path: entry, kind, read } of entries) {
    const reason = kind === 'other' ? 'a link or no file' : whyOmitted(entry, kind === 'folder');
    if (reason) {
      if (!entry.startsWith('node_modules/')) omitted.push(`${entry} (${reason})`);
      continue;
    }
    if (kind === 'folder') continue;
    if (files.length === MAX_FILES) throw tooMany(path);
    const { content, executable } = await read(room);
    room -= content.length;
    files.push({ path: entry, content, executable });
  }
  if (files.length === 0)
    throw new ToolFailure({
      code: 'NoCode',
      message: `${path} has no files that could be deployed.`,
      hint: omitted.length > 0 ? `Left out: ${omitted.slice(0, 10).join(', ')}.` : undefined,
    });
  return { files: sorted(files), omitted };
}

/**
 * The files that a caller wrote out.
 * @throws ToolFailure `InvalidArgument` for a path that leads out of the agent's folder or means the same as another.
 */
export function sourceOfTexts(texts: Readonly<Record<string, unknown>>): Source {
  const files = new Map<string, SourceFile>();
  const omitted: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const path = posix.normalize(name.replaceAll('\\', '/'));
    if (typeof text !== 'string') throw invalid(`files.${name} must be the file's text`);
    if (posix.isAbsolute(path) || /^[a-zA-Z]:|^\.\.?(?:\/|$)|\/$|\0/.test(path))
      throw invalid(`files: "${name}" is no path below the agent's folder, such as main.py`);
    if (files.has(path)) throw invalid(`files: ${path} is there twice`);
    const reason = whyOmitted(path, false);
    if (reason) omitted.push(`${path} (${reason})`);
    else files.set(path, { path, content: Buffer.from(text), executable: false });
  }
  if (files.size === 0) throw invalid('files has nothing that could be deployed');
  return { files: sorted([...files.values()]), omitted };
}

const sorted = (files: SourceFile[]) => files.toSorted((a, b) => (a.path < b.path ? -1 : 1));

function invalid(problem: string): ToolFailure {
  return new ToolFailure({
    code: 'InvalidArgument',
    message: `deploy_agent: ${problem}.`,
    hint: 'files is an object such as {"main.py": "…", "requirements.txt": "…"}.',
  });
}

function tooMany(path: string): ToolFailure {
  return new ToolFailure({
    code: 'TooLarge',
    message: `${path} has more than ${MAX_FILES} files.`,
    hint: "Put the agent's code into a folder of its own.",
  });
}
