import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { findInterpreter, type Interpreter } from '../../../../src/engine/sandbox/interpreters.ts';
import { filesBelow } from '../../../../src/engine/services/artifacts/tree.ts';
import { ownProcessor, readBinaries } from '../../../../src/engine/services/runtime/artifact/binaries.ts';
import { readDistributions } from '../../../../src/engine/services/runtime/artifact/distributions.ts';
import { makeFit } from '../../../../src/engine/services/runtime/artifact/make-fit.ts';
import { findForeignAddons } from '../../../../src/engine/services/runtime/artifact/node-addons.ts';
import { prepare } from '../../../../src/engine/services/runtime/artifact/prepare.ts';
import { moduleFits, tagFits } from '../../../../src/engine/services/runtime/artifact/wheel-tags.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { libraryFor, zipOf } from './control-zips.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
/** Whatever this machine is, it is not this. */
const foreign = ownProcessor === 'aarch64' ? 'x86_64' : 'aarch64';

/** Packages are downloaded. */
const PATIENT = { timeout: 240_000 };

let interpreter: Interpreter;
beforeAll(async () => {
  interpreter = await findInterpreter('PYTHON_3_13');
});

/** Vendors packages for the other processor, as `deploy` scripts for AWS do. */
async function vendorForeign(folder: string, ...packages: string[]): Promise<void> {
  const platform = `manylinux2014_${foreign}`;
  await run('python3', [
    ...['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--python-version', '3.13'],
    ...['--platform', platform, '--target', folder, ...packages],
  ]);
}

async function fitted(root: string, given = interpreter): Promise<boolean> {
  const scratch = join(temporaryDir(), 'wheels');
  const files = await filesBelow(root);
  return makeFit({ root, files, scratch, interpreter: given, log: silentLog, signal });
}

const importing = (root: string, code: string) =>
  run(interpreter.hostExecutable, ['-S', '-c', code], { cwd: root, env: { PYTHONPATH: root } });

const foreignElf = libraryFor(foreign);
const ownElf = libraryFor(ownProcessor);

function treeOf(files: Readonly<Record<string, string | Buffer>>): string {
  const root = temporaryDir();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

const distInfo = (name: string, { tag, files = [] as string[] }: { tag?: string; files?: string[] }) => ({
  [`${name}-1.0.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n\nText\n`,
  [`${name}-1.0.dist-info/RECORD`]: files.map((file) => `${file},sha256=x,1\n`).join(''),
  ...(tag && { [`${name}-1.0.dist-info/WHEEL`]: `Wheel-Version: 1.0\nTag: ${tag}\n` }),
});

describe('wheels of another processor', () => {
  test('are got again in the same version, and the rest stays', PATIENT, async () => {
    const root = temporaryDir();
    await vendorForeign(root, 'markupsafe==3.0.2', 'idna==3.7');
    writeFileSync(join(root, 'main.py'), 'print(1)');
    writeFileSync(join(root, 'markupsafe', 'own_patch.py'), 'x = 1');
    const before = await readBinaries(root, await filesBelow(root));
    expect(before).toMatchObject([{ processor: foreign }]);

    await fitted(root);
    const after = await readBinaries(root, await filesBelow(root));
    expect(after).toMatchObject([{ processor: ownProcessor, system: 'Linux' }]);
    const { stdout } = await importing(
      root,
      'import markupsafe._speedups, idna; from importlib.metadata import version; print(version("markupsafe"), version("idna"))',
    );
    expect(stdout.trim()).toBe('3.0.2 3.7');
    expect(readFileSync(join(root, 'markupsafe', 'own_patch.py'), 'utf8')).toBe('x = 1');
    expect(readdirSync(root).filter((name) => name.includes('arkup'))).toHaveLength(2);
  });

  test('through all of preparing, for everybody to read', PATIENT, async () => {
    const vendored = temporaryDir();
    await vendorForeign(vendored, 'markupsafe==3.0.2');
    const files = Object.fromEntries(
      (await filesBelow(vendored)).map((file) => [file, readFileSync(join(vendored, file))]),
    );
    const zip = await zipOf({
      ...files,
      'main.py': 'import markupsafe',
      'bin/tool': { text: '', mode: 0o100700 },
    });
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));
    const dataDir = temporaryDir();
    const folder = join(dataDir, 'runtimes', '1');
    const object = { info: { size: zip.length }, body: Readable.from([zip]) };
    const used = await prepare({
      object: object as Parameters<typeof prepare>[0]['object'],
      runtime: 'PYTHON_3_13',
      entryPoint: ['main.py'],
      folder,
      scratch: join(dataDir, 'scratch', 'one'),
      strict: false,
      findInterpreter,
      log: silentLog,
      signal,
    });
    expect(used).toMatchObject({ interpreter: { language: 'python' }, bound: true });
    await importing(folder, 'import markupsafe._speedups');
    const mode = (file: string) => (statSync(join(folder, file)).mode & 0o777).toString(8);
    expect([
      mode('.'),
      mode('main.py'),
      mode('bin/tool'),
      mode('markupsafe'),
      mode('markupsafe/__init__.py'),
    ]).toEqual([...['755', '644', '755', '755', '644']]);
    expect(readdirSync(join(dataDir, 'scratch'))).toEqual([]);
  });

  test('that are on no index are named, with their version, what they are for and what to do', async () => {
    const name = 'agentcore-mcp-no-such-package';
    const tag = `cp313-cp313-manylinux_2_17_${foreign}`;
    const root = treeOf({
      'main.py': '',
      [`${name}/x.so`]: foreignElf,
      ...distInfo(name, { tag, files: [`${name}/x.so`] }),
    });
    const failure = await fitted(root).catch((error) => error);
    expect(failure).toMatchObject({ name: 'ArtifactError' });
    expect(failure.message).toContain(`${name} 1.0 (${tag})`);
    expect(failure.message).toContain(`Linux ${ownProcessor} and Python ${interpreter.version}`);
    expect(failure.message).toMatch(/Getting them again failed:\n.*No matching distribution/s);
    expect(failure.message).toContain(`--platform manylinux2014_${ownProcessor}`);
    expect(readdirSync(join(root, name))).toEqual(['x.so']);
  });

  test('without a dist-info, or without its WHEEL, are known by their libraries', async () => {
    const loose = treeOf({ 'main.py': '', 'fast/_x.so': foreignElf });
    await expect(fitted(loose)).rejects.toThrow(`fast (Linux ${foreign}): not for this machine`);
    const stripped = treeOf({
      'zz_none/_x.so': foreignElf,
      ...distInfo('agentcore-mcp-no-such-package', { files: ['zz_none/_x.so'] }),
    });
    await expect(fitted(stripped)).rejects.toThrow(`agentcore-mcp-no-such-package 1.0 (Linux ${foreign})`);
    const mac = treeOf({ 'fast/_x.cpython-313-darwin.so': Buffer.from('cffaedfe'.padEnd(64, '0'), 'hex') });
    await expect(fitted(mac)).rejects.toThrow('fast (macOS)');
  });

  test('are none where a package brings libraries for several systems', async () => {
    const root = treeOf({
      'debug/attach_other.so': foreignElf,
      ...distInfo('debug', { tag: 'py3-none-any', files: ['debug/attach_other.so'] }),
      'both/a.so': foreignElf,
      'both/b.so': ownElf,
      'text.so': 'no library at all',
    });
    await fitted(root);
    expect((await filesBelow(root)).length).toBe(7);
  });
});

test('a RECORD cannot remove what is outside of the code', async () => {
  const root = treeOf({
    ...distInfo('evil', {
      files: ['../outside', '/etc/passwd', '"a ""quoted"".py"', '../../bin/evil', 'evil/../../x', 'ok.py'],
    }),
  });
  const [evil] = await readDistributions(root);
  expect(evil?.files).toEqual(['a "quoted".py', 'bin/evil', 'ok.py']);
});

describe('tags', () => {
  const own = ownProcessor;
  test.for([
    [`cp311-cp311-manylinux_2_17_${own}`, true],
    [`cp311-cp311-manylinux2014_${own}.manylinux_2_17_${own}`, true],
    [`cp311-cp311-linux_${own}`, true],
    [`cp38-abi3-manylinux_2_28_${own}`, true],
    [`cp312-abi3-manylinux_2_28_${own}`, false],
    [`cp313-cp313-manylinux_2_17_${own}`, false],
    [`cp311-cp311-manylinux_2_17_${foreign}`, false],
    [`cp311-cp311-musllinux_1_2_${own}`, false],
    [`cp311-cp311-macosx_11_0_arm64`, false],
    [`pp311-pypy311_pp73-manylinux_2_17_${own}`, false],
    [`py3-none-manylinux_2_17_${own}`, true],
    [`py3-none-win_amd64`, false],
    ['py2.py3-none-any', true],
    ['py3-none-any', true],
    ['cp311-none-any', true],
  ] as const)('%s: %s', ([tag, fits]) => {
    expect(tagFits(tag, [3, 11])).toBe(fits);
  });

  test('of modules', () => {
    const names = [
      'x.cpython-311-x86_64-linux-gnu.so',
      'x.abi3.so',
      'x.so',
      'x.cp311-win_amd64.pyd',
      'x.cpython-313-x86_64-linux-gnu.so',
    ];
    expect(names.map((name) => moduleFits(name, [3, 11]))).toEqual([true, true, true, true, false]);
  });
});

test('Node addons: packages for several platforms are fine, those for others only are named', async () => {
  const root = treeOf({
    'node_modules/good/prebuilds/linux-own/node.node': ownElf,
    'node_modules/good/prebuilds/linux-other/node.node': foreignElf,
    'node_modules/@img/sharp-linux-x64/lib/sharp.node': ownElf,
    'node_modules/@img/sharp-linux-arm64/lib/sharp.node': foreignElf,
    'node_modules/sqlite/build/Release/addon.node': foreignElf,
  });
  const found = findForeignAddons(await readBinaries(root, await filesBelow(root)));
  expect(found.map(({ name }) => name)).toEqual(['sqlite']);
  const node: Interpreter = { ...interpreter, language: 'node', version: '22.1.0' };
  await expect(fitted(root, node)).rejects.toThrow(/^sqlite \(Linux .*Install the packages on Linux/);
});

test('code without any machine code is bound to no version of its interpreter', async () => {
  const pure = treeOf({
    'main.py': '',
    'pure/__init__.py': '',
    ...distInfo('pure', { tag: 'py3-none-any' }),
  });
  expect(await fitted(pure)).toBe(false);
  expect(await fitted(treeOf({ 'main.py': '', 'fast/_x.so': ownElf }))).toBe(true);
});
