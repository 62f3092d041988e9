import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startOf } from '../../../src/agentcore/deploy/entry-point.ts';
import { environmentOf } from '../../../src/agentcore/deploy/environment.ts';
import { checkedRequirement, requirementsOf } from '../../../src/agentcore/deploy/requirements.ts';
import { type SourceFile, sourceOfPath, sourceOfTexts } from '../../../src/agentcore/deploy/source.ts';
import { Workspace } from '../../../src/agentcore/workspace.ts';
import { redact } from '../../../src/secrets.ts';
import { temporaryDir } from '../../support/temporary.ts';

function folderWith(files: Record<string, string>): { root: string; workspace: Workspace } {
  const root = temporaryDir();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return { root, workspace: new Workspace(root) };
}

const paths = (files: readonly SourceFile[]) => files.map(({ path }) => path);
const filesOf = (texts: Record<string, string>) => sourceOfTexts(texts).files;

describe('the files of a folder', () => {
  test('are its code; secrets, hidden files, environments and caches stay here, and are named', async () => {
    const { workspace } = folderWith({
      'agent/main.py': 'print(1)',
      'agent/tools/search.py': '',
      'agent/.env': 'KEY=1',
      'agent/.env.production': 'KEY=1',
      'agent/.git/config': '',
      'agent/.venv/bin/python': '',
      'agent/venv/pyvenv.cfg': '',
      'agent/tools/__pycache__/search.cpython-313.pyc': '',
      'agent/node_modules/ws/index.js': '',
      'agent/node_modules/ws/.hidden': 'kept, because packages may need it',
      'agent/node_modules/ws/.env': 'KEY=1',
      'other/not-mine.py': '',
    });
    const { files, omitted } = await sourceOfPath(workspace, 'agent');
    expect(paths(files)).toEqual([
      'main.py',
      'node_modules/ws/.hidden',
      'node_modules/ws/index.js',
      'tools/search.py',
    ]);
    expect(omitted).toEqual([
      '.env (holds secrets)',
      '.env.production (holds secrets)',
      '.git (hidden)',
      '.venv (hidden)',
      'tools/__pycache__ (no code of the agent)',
      'venv (no code of the agent)',
    ]);
  });

  test('may be only one', async () => {
    const { workspace } = folderWith({ 'agents/weather.py': 'x = 1' });
    const { files } = await sourceOfPath(workspace, 'agents/weather.py');
    expect(files).toEqual([{ path: 'weather.py', content: Buffer.from('x = 1'), executable: false }]);
  });

  test('keep the right to be run', async () => {
    const { root, workspace } = folderWith({ 'a/run.sh': '', 'a/main.py': '' });
    chmodSync(join(root, 'a/run.sh'), 0o755);
    const { files } = await sourceOfPath(workspace, 'a');
    expect(files.map(({ executable }) => executable)).toEqual([false, true]);
  });

  test('are never what a link leads to', async () => {
    const { root, workspace } = folderWith({ 'a/main.py': '', 'secret/key': 'secret' });
    const outside = folderWith({ 'x/key': 'secret' });
    symlinkSync(join(root, 'secret'), join(root, 'a/folder'));
    symlinkSync(join(outside.root, 'x/key'), join(root, 'a/key'));
    symlinkSync(join(outside.root, 'x'), join(root, 'outside'));
    const { files, omitted } = await sourceOfPath(workspace, 'a');
    expect(paths(files)).toEqual(['main.py']);
    expect(omitted).toEqual(['folder (a link or no file)', 'key (a link or no file)']);
    await expect(sourceOfPath(workspace, 'outside')).rejects.toThrow('does not lie in the workspace');
    await expect(sourceOfPath(workspace, '../x')).rejects.toThrow('does not lie in the workspace');
  });

  test('that are not there are named with the nearest', async () => {
    const { workspace } = folderWith({ 'weather/main.py': '', 'empty/.env': '' });
    await expect(sourceOfPath(workspace, 'wether')).rejects.toThrow('Did you mean weather?');
    await expect(sourceOfPath(workspace, 'empty')).rejects.toMatchObject({
      details: { code: 'NoCode', hint: 'Left out: .env (holds secrets).' },
    });
  });
});

describe('files written out', () => {
  test('go in sorted, and secrets stay out', () => {
    const { files, omitted } = sourceOfTexts({ 'main.py': 'a', './lib/x.py': 'b', '.env': 'KEY=1' });
    expect(paths(files)).toEqual(['lib/x.py', 'main.py']);
    expect(omitted).toEqual(['.env (holds secrets)']);
  });

  test.each(['/etc/passwd', '../main.py', 'a/../../main.py', 'C:\\main.py', '..', '.', 'lib/'])(
    '%s is no place for one',
    (path) => {
      expect(() => sourceOfTexts({ [path]: '' })).toThrow('no path below the agent');
    },
  );

  test('are texts, each with a path of its own', () => {
    expect(() => sourceOfTexts({ 'main.py': 1 })).toThrow("files.main.py must be the file's text");
    expect(() => sourceOfTexts({ 'main.py': '', './main.py': '' })).toThrow('is there twice');
    expect(() => sourceOfTexts({})).toThrow('nothing that could be deployed');
  });
});

describe('the entry point', () => {
  test.each<[Record<string, string>, string, string]>([
    [{ 'main.py': '', 'app.py': '', 'agent.py': '' }, 'main.py', 'PYTHON_3_13'],
    [{ 'agent.py': '', 'helpers.py': '' }, 'agent.py', 'PYTHON_3_13'],
    [{ 'weather.py': '', 'lib/other.py': '' }, 'weather.py', 'PYTHON_3_13'],
    [{ 'weather.py': '', 'test_weather.py': '', 'setup.py': '' }, 'weather.py', 'PYTHON_3_13'],
    [{ 'index.mjs': '', 'main.mjs': '' }, 'index.mjs', 'NODE_22'],
    [
      { 'package.json': '{"main": "./lib/server.js"}', 'lib/server.js': '', 'index.js': '' },
      'lib/server.js',
      'NODE_22',
    ],
    [{ 'main.py': '', 'package.json': '{"main": "index.js"}', 'index.js': '' }, 'main.py', 'PYTHON_3_13'],
    [{ 'server.mjs': '', 'package.json': '{}' }, 'server.mjs', 'NODE_22'],
  ])('of %j is %s', (texts, file, runtime) => {
    expect(startOf(filesOf(texts))).toEqual({ file, runtime });
  });

  test('can be named, and so can the version of Python', () => {
    const files = filesOf({ 'main.py': '', 'lib/server.py': '', 'x.mjs': '' });
    expect(startOf(files, './lib/server.py', '3.11')).toEqual({
      file: 'lib/server.py',
      runtime: 'PYTHON_3_11',
    });
    expect(startOf(files, 'x.mjs', '3.11')).toEqual({ file: 'x.mjs', runtime: 'NODE_22' });
    expect(() => startOf(files, 'man.py')).toThrow('Did you mean main.py?');
  });

  test.each<[Record<string, string>, string | undefined, string]>([
    [{ 'a.py': '', 'b.py': '' }, undefined, 'Any of these files could start the agent: a.py, b.py.'],
    [{ 'readme.md': '' }, undefined, 'No file was found that could start the agent.'],
    [{ 'main.ts': '' }, 'main.ts', 'Compile TypeScript to JavaScript first.'],
    [{ 'index.js': '', 'package.json': '{' }, undefined, 'package.json is not valid JSON.'],
  ])('of %j, with %s named, is not clear', (texts, named, message) => {
    expect(() => startOf(filesOf(texts), named)).toThrow(message);
  });
});

describe('requirements', () => {
  test('are read with the files they include, without comments', () => {
    const files = filesOf({
      'requirements.txt':
        '# mine\n-r more/base.txt\nstrands-agents[otel]>=1.0,<2 # core\nboto3 ; python_version >= "3.10"\n\nx @ https://example.com/x-1-py3-none-any.whl\nidna==3.10 \\\n  --hash=sha256:00\n--extra-index-url https://example.com/simple',
      'more/base.txt': 'six',
    });
    expect(requirementsOf(files)).toEqual([
      'six',
      'strands-agents[otel]>=1.0,<2',
      'boto3 ; python_version >= "3.10"',
      'x @ https://example.com/x-1-py3-none-any.whl',
      'idna==3.10    --hash=sha256:00',
      '--extra-index-url https://example.com/simple',
    ]);
  });

  test.each([
    '-e .',
    '.',
    './package',
    '../package',
    '/srv/package',
    'package/',
    'git+https://example.com/x.git',
    'x @ git+https://example.com/x.git',
    'x @ file:///srv/x-1-py3-none-any.whl',
    'x @ https://example.com/x.tar.gz',
    'https://example.com/x.zip',
    '--no-binary :all:',
    '--only-binary=:none:',
    '--find-links /srv',
    '--trusted-host example.com',
    '-r /etc/passwd',
    '-c constraints.txt',
    'file.whl',
    'source.tar.gz',
    'source.zip ; python_version > "3"',
  ])('that could run code or read files here are refused: %s', (line) => {
    const files = filesOf({ 'requirements.txt': `six\n${line}\n`, 'constraints.txt': '' });
    const details = expect.objectContaining({ code: 'Requirements' });
    expect(() => requirementsOf(files)).toThrow(expect.objectContaining({ details }));
  });

  test.each([
    '--pre -e git+https://example.com/x.git',
    '--index-url https://example.com/simple -r /etc/passwd',
    '-i https://example.com/simple --trusted-host example.com',
    '--no-index --find-links https://example.com',
    'six==1.0 --config-settings="--global-option=x"',
    'six==1.0\u2028git+https://example.com/x.git',
    'six==1.0\u000c./mine',
    'six==1.0\rgit+https://example.com/x.git',
    '--index-url https://example.com/\x24{AWS_SECRET_ACCESS_KEY}/simple',
    'six @ https://example.com/\x24{AWS_SECRET_ACCESS_KEY}/six-1.0-py3-none-any.whl',
  ])('get no further line, option or value of this process into the installer: %j', (line) => {
    const details = expect.objectContaining({ code: 'Requirements' });
    const files = filesOf({ 'requirements.txt': `${line}\n` });
    expect(() => requirementsOf(files)).toThrow(expect.objectContaining({ details }));
    expect(() => checkedRequirement(`six==1.0\n${line}`, 'pyproject.toml')).toThrow(
      expect.objectContaining({ details }),
    );
  });

  test('may come with their hashes, extras and markers', () => {
    const line =
      'strands-agents[otel]>=1.0,<2 ; python_version < "3.14" --hash=sha256:00ff --hash=sha256:11ee';
    const files = filesOf({
      'requirements.txt': `${line}\n--index-url=https://example.com/simple\n-i https://a.example/s`,
    });
    expect(requirementsOf(files)).toEqual([
      line,
      '--index-url=https://example.com/simple',
      '-i https://a.example/s',
    ]);
  });
});

describe('the environment', () => {
  const workspace = () => folderWith({ 'keys/token.txt': 'token-from-a-file\n' }).workspace;
  const env = { API_KEY: 'key-from-the-server', AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) };

  test('takes secrets by reference, and hides them from then on', async () => {
    const entries = ['API_KEY', 'TOKEN=file:keys/token.txt', 'MODE=fast=yes', 'OLD='];
    const variables = await environmentOf(entries, { OLD: '1', KEPT: '2' }, { workspace: workspace(), env });
    expect(variables).toEqual({
      KEPT: '2',
      API_KEY: 'key-from-the-server',
      TOKEN: 'token-from-a-file',
      MODE: 'fast=yes',
    });
    expect(redact('key-from-the-server token-from-a-file fast=yes')).toBe('[hidden] [hidden] fast=yes');
  });

  test.each([
    ['MISSING', "the server's environment has no MISSING"],
    ['AWS_SECRET_ACCESS_KEY', "the server's own"],
    ['AGENTCORE_MCP_BEARER_TOKEN', "the server's own"],
    ['AWS_BEARER_TOKEN_BEDROCK', "the server's own"],
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN', "the server's own"],
    ['my key=1', '"my key" is no name of a variable'],
    [`LONG=${'x'.repeat(5001)}`, 'the value of LONG is longer than 5000 bytes'],
    ['T=file:../../etc/passwd', 'does not lie in the workspace'],
  ])('refuses %.30s', async (entry, message) => {
    await expect(environmentOf([entry], {}, { workspace: workspace(), env })).rejects.toThrow(message);
  });
});
