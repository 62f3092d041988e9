import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Mount } from './mounts.ts';

/** Where a sandbox finds the programs of ours that run in it. */
export const INSIDE = '/opt/agentcore';

const folder = fileURLToPath(new URL('../../../src/engine/sandbox/inside/', import.meta.url));
/** What is read by people in tracebacks and starts in the background, and what is not Python. */
const isSource = (name: string) => name === 'kernel.py' || name.endsWith('.mjs');

/** Compiles files as `import` would, each into the form of a .pyc file that is never compared with its source (PEP 552). */
const COMPILE = `
import base64, importlib.util, json, marshal, os, sys
folder, target, *names = sys.argv[1:]
def compiled(name):
    with open(os.path.join(folder, name), "rb") as file:
        source = file.read()
    code = compile(source, os.path.join(target, name), "exec", dont_inherit=True)
    header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(source)
    return base64.b64encode(header + marshal.dumps(code)).decode()
print(json.dumps({name + "c": compiled(name) for name in names}))`;

/** The programs as one interpreter runs them fastest: compiling them takes a third of the time in which a sandbox starts. */
export async function programMounts(interpreter: string): Promise<Mount[]> {
  const sources = readdirSync(folder).filter(isSource);
  const names = readdirSync(folder).filter((name) => name.endsWith('.py') && !isSource(name));
  const compiling = promisify(execFile)(interpreter, ['-I', '-S', '-c', COMPILE, folder, INSIDE, ...names], {
    env: {},
    timeout: 30_000,
    maxBuffer: 16 * 1024 ** 2,
  });
  const compiled = JSON.parse((await compiling).stdout) as Record<string, string>;
  return [
    ...sources.map(
      (name): Mount => ({
        kind: 'file',
        content: readFileSync(`${folder}${name}`),
        target: `${INSIDE}/${name}`,
      }),
    ),
    ...Object.entries(compiled).map(
      ([name, content]): Mount => ({
        kind: 'file',
        content: Buffer.from(content, 'base64'),
        target: `${INSIDE}/${name}`,
      }),
    ),
  ];
}
