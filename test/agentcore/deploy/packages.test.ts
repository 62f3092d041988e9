import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import yauzl from 'yauzl';
import { fingerprintOf, zipOf } from '../../../src/agentcore/deploy/archive.ts';
import { DependencyCache } from '../../../src/agentcore/deploy/cache.ts';
import { nodePackages } from '../../../src/agentcore/deploy/node-packages.ts';
import { pythonPackages } from '../../../src/agentcore/deploy/python-packages.ts';
import { sourceOfTexts } from '../../../src/agentcore/deploy/source.ts';
import { temporaryDir } from '../../support/temporary.ts';

const { signal } = new AbortController();
const far = { nearby: false, signal };

const asPlatform = (processor: 'arm64' | 'x64', version: string) => async () => ({ processor, version });

function fetching(root = temporaryDir()) {
  const told: string[] = [];
  const cache = new DependencyCache(join(root, 'cache'));
  const progress = (message: string) => void told.push(message);
  return { cache, platform: asPlatform('x64', '3.11'), signal, progress, told, root };
}

const filesOf = (texts: Record<string, string>) => sourceOfTexts(texts).files;

interface Zipped {
  content: string;
  mode: number;
  modified: string;
}

/** What a zip holds, read by another library than the one that made it. */
async function unzipped(zip: Buffer): Promise<Record<string, Zipped>> {
  const found: Record<string, Zipped> = {};
  const opened = await yauzl.fromBufferPromise(zip);
  for await (const entry of opened.eachEntry()) {
    found[entry.fileName] = {
      content: (await buffer(await opened.openReadStreamPromise(entry))).toString(),
      mode: entry.externalFileAttributes >>> 16,
      modified: entry.getLastModDate().toISOString(),
    };
  }
  return found;
}

describe('packages of Python', () => {
  test('are fetched as wheels, once, and lie beside the code in the zip', async () => {
    const at = fetching();
    const files = filesOf({ 'main.py': 'import six', 'requirements.txt': 'six==1.17.0\n' });
    const first = await pythonPackages(files, at);
    expect(first).toMatchObject({ packages: ['six 1.17.0'], cached: false });
    expect(at.told).toContain('fetching 1 requirement');
    const begun = performance.now();
    expect(await pythonPackages(files, at)).toMatchObject({ packages: ['six 1.17.0'], cached: true });
    expect(performance.now() - begun).toBeLessThan(1_000);
    const zip = await unzipped(await zipOf({ files, dependencies: first }, far));
    expect(Object.keys(zip)).toEqual(
      expect.arrayContaining(['main.py', 'six.py', 'six-1.17.0.dist-info/METADATA']),
    );
    expect(Object.keys(zip).filter((name) => name.endsWith('.pyc'))).toEqual([]);
    expect(zip['main.py']).toEqual({
      content: 'import six',
      mode: 0o100644,
      modified: '2020-01-01T00:00:00.000Z',
    });
  });

  test('are those of the machine that runs the agent', async () => {
    const files = filesOf({ 'requirements.txt': 'markupsafe==3.0.2' });
    const at = fetching();
    for (const [processor, version, suffix] of [
      ['arm64', '3.13', 'cpython-313-aarch64-linux-gnu.so'],
      ['x64', '3.11', 'cpython-311-x86_64-linux-gnu.so'],
    ] as const) {
      const found = await pythonPackages(files, { ...at, platform: asPlatform(processor, version) });
      expect(readdirSync(join(found?.folder ?? '', 'markupsafe'))).toContain(`_speedups.${suffix}`);
    }
  });

  test('are named where there is no wheel of them', async () => {
    const files = filesOf({ 'requirements.txt': 'six\nagentcore-mcp-there-is-no-such-package==9.9' });
    const at = fetching();
    await expect(pythonPackages(files, at)).rejects.toMatchObject({
      details: {
        code: 'Requirements',
        message: expect.stringMatching(
          /^There is no package agentcore-mcp-there-is-no-such-package on the index, or none of its versions is a wheel for Python 3.11 on x86_64\.$/,
        ),
        foreign: expect.stringContaining('agentcore-mcp-there-is-no-such-package'),
      },
    });
    expect(existsSync(join(at.root, 'cache')) && readdirSync(join(at.root, 'cache'))).toEqual([]);
  });

  test('are named with the last of the versions there are', async () => {
    const files = filesOf({ 'requirements.txt': 'six==99.0' });
    await expect(pythonPackages(files, fetching())).rejects.toMatchObject({
      details: {
        message: 'There is no wheel of six==99.0 for Python 3.11 on x86_64.',
        foreign: expect.stringMatching(/\(from versions: …(?:, [\d.]+){5}\)/),
      },
    });
  });

  test('may be declared in pyproject.toml', async () => {
    const declared = '[project]\nname = "x"\nversion = "1"\ndependencies = ["six==1.17.0"]\n';
    expect(await pythonPackages(filesOf({ 'pyproject.toml': declared }), fetching())).toMatchObject({
      packages: ['six 1.17.0'],
    });
    const dynamic = '[project]\nname = "x"\ndynamic = ["dependencies"]\n';
    await expect(pythonPackages(filesOf({ 'pyproject.toml': dynamic }), fetching())).rejects.toThrow(
      'computes its dependencies',
    );
    await expect(pythonPackages(filesOf({ 'pyproject.toml': 'a = ' }), fetching())).rejects.toThrow(
      'pyproject.toml cannot be read.',
    );
    const local = '[project]\nname = "x"\ndependencies = ["evil @ file:///srv/evil"]\n';
    await expect(pythonPackages(filesOf({ 'pyproject.toml': local }), fetching())).rejects.toThrow(
      'is not taken',
    );
  });

  test('are none where nothing asks for any', async () => {
    expect(await pythonPackages(filesOf({ 'main.py': '' }), fetching())).toBeUndefined();
    expect(await pythonPackages(filesOf({ 'requirements.txt': '# none\n' }), fetching())).toBeUndefined();
  });

  test('are given up with the call', async () => {
    const gone = AbortSignal.abort(new Error('gone'));
    const files = filesOf({ 'requirements.txt': 'six' });
    await expect(pythonPackages(files, { ...fetching(), signal: gone })).rejects.toThrow('gone');
  });
});

describe('packages of Node', () => {
  test('are fetched by npm, and nothing of them runs', async () => {
    const at = { ...fetching(), platform: asPlatform('arm64', '22') };
    const manifest = JSON.stringify({ dependencies: { ulid: '3.0.2' }, scripts: { postinstall: 'exit 1' } });
    const files = filesOf({ 'main.mjs': '', 'package.json': manifest });
    const found = await nodePackages(files, at);
    expect(found).toMatchObject({ packages: ['ulid 3.0.2'], cached: false });
    const zip = await unzipped(await zipOf({ files, dependencies: found }, far));
    expect(zip['package.json']?.content).toBe(manifest);
    expect(JSON.parse(zip['node_modules/ulid/package.json']?.content ?? '')).toMatchObject({
      version: '3.0.2',
    });
    expect(await nodePackages(files, at)).toMatchObject({ cached: true });
  });

  test('that the folder brings along are taken as they are', async () => {
    const files = filesOf({
      'package.json': '{"dependencies": {"ulid": "3.0.2"}}',
      'node_modules/ulid/index.js': '',
    });
    expect(await nodePackages(files, fetching())).toBeUndefined();
  });

  test('from folders are refused', async () => {
    const files = filesOf({ 'package.json': '{"dependencies": {"mine": "file:../mine"}}' });
    await expect(nodePackages(files, fetching())).rejects.toThrow('mine is taken from file:../mine');
  });

  test.each([
    'git+https://example.com/x.git',
    'user/repo',
    'github:user/repo',
    '../mine',
    '/srv/mine',
    '~/mine',
    'git@example.com:x/y.git',
    'https://example.com/x.git',
  ])(
    'from repositories and folders are refused, as their own settings could run code here: %s',
    async (wanted) => {
      const files = filesOf({ 'package.json': JSON.stringify({ dependencies: { mine: wanted } }) });
      await expect(nodePackages(files, fetching())).rejects.toThrow(`mine is taken from ${wanted}`);
    },
  );

  test('are not taken from repositories and folders that a lock file names', async () => {
    for (const locked of [
      {
        version: '3.0.2',
        resolved: 'git+ssh://git@example.com/x.git#0123456789012345678901234567890123456789',
      },
      { version: '3.0.2', resolved: 'file:../mine.tgz' },
      { resolved: 'mine', link: true },
    ]) {
      const lock = { lockfileVersion: 3, packages: { 'node_modules/ulid': locked } };
      const files = filesOf({
        'package.json': '{"dependencies": {"ulid": "3.0.2"}}',
        'package-lock.json': JSON.stringify(lock),
      });
      await expect(nodePackages(files, fetching())).rejects.toThrow('node_modules/ulid is taken from');
    }
  });

  test('that cannot be read are told', async () => {
    const files = filesOf({ 'main.mjs': '', 'package.json': '{' });
    await expect(nodePackages(files, fetching())).rejects.toThrow('package.json is not valid JSON.');
    expect(await nodePackages(filesOf({ 'package.json': 'null' }), fetching())).toBeUndefined();
  });
});

describe('the zip', () => {
  test('is the same for the same files, and its fingerprint changes with any of them', async () => {
    const texts = { 'main.py': 'a', 'lib.py': 'b' };
    const contents = { files: filesOf(texts) };
    expect(await zipOf(contents, far)).toEqual(await zipOf({ files: filesOf(texts) }, far));
    const other = { files: filesOf({ ...texts, 'lib.py': 'c' }) };
    const withPackages = { ...contents, dependencies: { folder: '', packages: ['six 1'], cached: true } };
    const prints = [contents, other, withPackages].map(fingerprintOf);
    expect(new Set(prints).size).toBe(3);
    expect(fingerprintOf({ files: filesOf(texts) })).toBe(prints[0]);
  });

  test('is not packed tight where it stays on this machine', async () => {
    const dependencies = await pythonPackages(filesOf({ 'requirements.txt': 'six==1.17.0' }), fetching());
    const contents = { files: filesOf({ 'main.py': '' }), dependencies };
    const [tight, loose] = [await zipOf(contents, far), await zipOf(contents, { ...far, nearby: true })];
    expect(loose.length).toBeGreaterThan(tight.length);
    expect(await unzipped(loose)).toEqual(await unzipped(tight));
  });

  test("keeps the agent's own file where a package has one of the same name", async () => {
    const at = fetching();
    const files = filesOf({ 'six.py': 'mine', 'requirements.txt': 'six==1.17.0' });
    const dependencies = await pythonPackages(files, at);
    const zip = await unzipped(await zipOf({ files, dependencies }, far));
    expect(zip['six.py']?.content).toBe('mine');
    expect(readFileSync(join(dependencies?.folder ?? '', 'six.py'), 'utf8')).not.toBe('mine');
  });
});
