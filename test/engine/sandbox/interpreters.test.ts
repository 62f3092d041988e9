import { expect, it, onTestFinished } from 'vitest';
import { findInterpreter, type RuntimeName } from '../../../src/engine/sandbox/interpreters.ts';
import { describeSandbox, sandboxes } from './support.ts';

const PYTHONS: RuntimeName[] = ['PYTHON_3_10', 'PYTHON_3_11', 'PYTHON_3_12', 'PYTHON_3_13', 'PYTHON_3_14'];

async function output(mounts: Awaited<ReturnType<typeof findInterpreter>>['mounts'], argv: string[]) {
  const sandbox = await sandboxes.start('interpreter', { mounts });
  onTestFinished(() => sandbox.close());
  const program = await sandbox.spawn(argv);
  let printed = '';
  for await (const { data } of program.output) printed += data;
  return printed;
}

describeSandbox('the interpreter for', () => {
  it.each(PYTHONS)('%s is a Python of this machine that sees its standard library alone', async (runtime) => {
    const { language, version, executable, mounts } = await findInterpreter(runtime);
    const code = `
import ctypes, json, sqlite3, ssl, sys
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "path": sys.path, "isolated": sys.prefix != sys.base_prefix}))`;
    const seen = JSON.parse(await output(mounts, [executable, '-c', code]));
    expect(seen).toMatchObject({ version, isolated: true });
    expect(language).toBe('python');
    expect(Number(version.split('.')[1])).toBeGreaterThanOrEqual(10);
    expect(seen.path.filter((folder: string) => folder.includes('-packages'))).toEqual([]);
    const packages =
      'import importlib.util as u; print([n for n in ("pip", "numpy", "IPython") if u.find_spec(n)])';
    expect(await output(mounts, [executable, '-c', packages])).toBe('[]\n');
  });

  it('NODE_22 is a Node of this machine', async () => {
    const { language, version, executable, mounts } = await findInterpreter('NODE_22');
    const code =
      'console.log(process.version, process.execPath, eval("6 * 7"), new Intl.NumberFormat("de").format(1234.5))';
    expect(await output(mounts, [executable, '-e', code])).toBe(`v${version} ${executable} 42 1.234,5\n`);
    expect([language, Number.parseInt(version, 10) >= 22]).toEqual(['node', true]);
  });

  it.each([...PYTHONS, 'NODE_22' as const])(
    '%s is of that very version where there is one; strictly there is no other',
    async (runtime) => {
      const [, ...wanted] = runtime.split('_');
      const nearest = await findInterpreter(runtime);
      const strict = await findInterpreter(runtime, { strict: true }).catch((error: Error) => error);
      if (strict instanceof Error) {
        expect(strict).toMatchObject({ name: 'SandboxError', code: 'unavailable' });
        expect(strict.message).toMatch(
          new RegExp(`${runtime} needs exactly .*${wanted.join('\\.')}, .*${nearest.version}`),
        );
        expect(nearest.version).not.toMatch(new RegExp(`^${wanted.join('\\.')}\\.`));
      } else {
        expect(strict).toEqual(nearest);
        expect(strict.version).toMatch(new RegExp(`^${wanted.join('\\.')}\\.`));
      }
    },
  );
});
