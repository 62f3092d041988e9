import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, test } from 'vitest';
import { Workspace } from '../../src/agentcore/workspace.ts';
import { ToolFailure } from '../../src/failure.ts';
import { temporaryDir } from '../support/temporary.ts';

let home: string;
let root: string;
let workspace: Workspace;

beforeEach(() => {
  home = temporaryDir();
  root = join(home, 'workspace');
  mkdirSync(root);
  mkdirSync(join(home, 'workspace-too'));
  writeFileSync(join(home, 'secret'), 'secret');
  writeFileSync(join(home, 'workspace-too', 'secret'), 'secret');
  workspace = new Workspace(root);
});

const everythingOutside = () => ({
  home: readdirSync(home).toSorted(),
  beside: readdirSync(join(home, 'workspace-too')),
  secret: readFileSync(join(home, 'secret'), 'utf8'),
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ToolFailure)) throw new Error(`No ToolFailure but ${failure}`);
  return failure.details.code;
}

describe('what lies outside', () => {
  const paths = (): [string, string][] => [
    ['a path upwards', '../secret'],
    ['a path down and upwards', 'a/b/../../../secret'],
    ['an absolute path', join(home, 'secret')],
    ['a folder whose name begins alike', '../workspace-too/secret'],
    ['the same, absolute', `${root}-too/secret`],
    ['a link to a file', 'link-to-file'],
    ['a link to a folder', 'link-to-folder/secret'],
    ['a link through a link', 'chain/secret'],
    ['a system file', '/etc/passwd'],
    ['a name with a zero byte', 'a\0b'],
  ];

  beforeEach(() => {
    symlinkSync(join(home, 'secret'), join(root, 'link-to-file'));
    symlinkSync(home, join(root, 'link-to-folder'));
    symlinkSync(join(root, 'link-to-folder'), join(root, 'chain'));
  });

  test('cannot be read', async () => {
    for (const [name, path] of paths())
      expect(await codeOf(workspace.read(path, 1000)), name).toBe('OutsideWorkspace');
  });

  test('cannot be written, and is as it was', async () => {
    const before = everythingOutside();
    for (const [name, path] of paths()) {
      if (name === 'a link to a file') continue;
      expect(await codeOf(workspace.checkWritable(path)), name).toBe('OutsideWorkspace');
      expect(await codeOf(workspace.write(path, Buffer.from('x'))), name).toBe('OutsideWorkspace');
    }
    expect(everythingOutside()).toEqual(before);
  });

  test('is not written through a link in the place of the file: the link is replaced', async () => {
    await workspace.write('link-to-file', Buffer.from('mine'));
    expect(readFileSync(join(home, 'secret'), 'utf8')).toBe('secret');
    expect(readFileSync(join(root, 'link-to-file'), 'utf8')).toBe('mine');
  });

  test('is not written through a second name of the file', async () => {
    linkSync(join(home, 'secret'), join(root, 'hard'));
    await workspace.write('hard', Buffer.from('mine'));
    expect(readFileSync(join(home, 'secret'), 'utf8')).toBe('secret');
  });

  test('gets no folders either', async () => {
    const before = everythingOutside();
    expect(await codeOf(workspace.write('link-to-folder/new/file', Buffer.from('x')))).toBe(
      'OutsideWorkspace',
    );
    expect(await codeOf(workspace.write('../new/file', Buffer.from('x')))).toBe('OutsideWorkspace');
    expect(everythingOutside()).toEqual(before);
  });
});

test('a folder that turns into a link while it is written to leads nothing out', async () => {
  const outside = join(home, 'workspace-too');
  mkdirSync(join(root, 'sub'));
  const exchange = new Worker(
    `const { renameSync, rmSync, symlinkSync, unlinkSync } = require('node:fs');
     const { root, outside } = require('node:worker_threads').workerData;
     const [sub, away] = [root + '/sub', root + '/away'];
     const steps = [
       () => rmSync(away, { recursive: true, force: true }),
       () => renameSync(sub, away),
       () => symlinkSync(outside, sub),
       () => unlinkSync(sub),
       () => renameSync(away, sub),
     ];
     for (;;) for (const step of steps) try { step() } catch { /* The writer was faster. */ }`,
    { eval: true, workerData: { root, outside } },
  );
  try {
    for (let i = 0; i < 500; i++) {
      await workspace.write('sub/file', Buffer.from('mine')).catch((error) => {
        if (!(error instanceof ToolFailure)) throw error;
      });
    }
  } finally {
    await exchange.terminate();
  }
  expect(readdirSync(outside)).toEqual(['secret']);
});

test('hidden places are not written to, not even through a link', async () => {
  mkdirSync(join(root, '.git', 'hooks'), { recursive: true });
  symlinkSync('.git', join(root, 'git'));
  for (const path of ['.envrc', '.git/hooks/pre-commit', 'git/hooks/pre-commit', 'a/.vscode/tasks.json']) {
    expect(await codeOf(workspace.checkWritable(path)), path).toBe('HiddenFile');
    expect(await codeOf(workspace.write(path, Buffer.from('x'))), path).toBe('HiddenFile');
  }
  expect(readdirSync(join(root, '.git', 'hooks'))).toEqual([]);
});

describe('what lies inside', () => {
  test('comes back byte by byte, under names in any script', async () => {
    const content = Buffer.from([0, 1, 255, 10, 13]);
    for (const path of [
      'a.bin',
      'ein/zwei/drei.bin',
      'données/été 📊.bin',
      '数据/表 1.bin',
      "o'hara $(x).bin",
    ]) {
      const written = await workspace.write(path, content);
      expect(written).toBe(join(root, path));
      expect(await workspace.read(path, 100)).toEqual(content);
      expect(await workspace.read(written, 100)).toEqual(content);
      expect(workspace.nameOf(written)).toBe(path);
    }
  });

  test('is found in the other form of Unicode, also in folders of such a name', async () => {
    const [composed, decomposed] = ['Größe/é.csv'.normalize('NFC'), 'Größe/é.csv'.normalize('NFD')];
    await workspace.write(decomposed, Buffer.from('from a Mac'));
    expect(await workspace.read(composed, 100)).toEqual(Buffer.from('from a Mac'));
    await workspace.write(composed, Buffer.from('exactly'));
    expect(await workspace.read(composed, 100)).toEqual(Buffer.from('exactly'));
    expect(await workspace.read(decomposed, 100)).toEqual(Buffer.from('from a Mac'));
  });

  test('may be reached over links that stay inside', async () => {
    mkdirSync(join(root, 'real'));
    symlinkSync('real', join(root, 'alias'));
    await workspace.write('alias/file', Buffer.from('x'));
    expect(await workspace.read('real/file', 10)).toEqual(Buffer.from('x'));
    symlinkSync('real/file', join(root, 'shortcut'));
    expect(await workspace.read('shortcut', 10)).toEqual(Buffer.from('x'));
  });

  test('is replaced as a whole, leaving nothing behind', async () => {
    await workspace.write('file', Buffer.from('a longer first content'));
    await workspace.write('file', Buffer.from('short'));
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('short');
    expect(readdirSync(root)).toEqual(['file']);
    expect(statSync(join(root, 'file')).mode & 0o777).toBe(0o644);
  });

  test('may be the whole of a root that is itself a link', async () => {
    symlinkSync(root, join(home, 'entrance'));
    const entered = new Workspace(join(home, 'entrance'));
    await entered.write('a/b', Buffer.from('x'));
    expect(await entered.read('a/b', 10)).toEqual(Buffer.from('x'));
    expect(readFileSync(join(root, 'a', 'b'), 'utf8')).toBe('x');
  });

  test('need not exist before the first file', async () => {
    const fresh = new Workspace(join(home, 'not', 'yet'));
    await fresh.checkWritable('a/file');
    expect(readdirSync(home)).not.toContain('not');
    await fresh.write('file', Buffer.from('x'));
    expect(await fresh.read('file', 10)).toEqual(Buffer.from('x'));
  });
});

describe('what cannot be used', () => {
  test.each([
    ['missing', 'WorkspaceFile', /missing .*does not exist/],
    ['folder', 'NotAFile', /folder is not a regular file/],
    ['pipe', 'NotAFile', /pipe is not a regular file/],
    ['.', 'NotAFile', /is not a regular file/],
    ['loop', 'WorkspaceFile', /loop .*symbolic link/],
    ['large', 'TooLarge', /large has 2000 bytes; at most 1000/],
  ])('%s is named with the reason', async (path, code, message) => {
    mkdirSync(join(root, 'folder'));
    symlinkSync('loop', join(root, 'loop'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    writeFileSync(join(root, 'large'), Buffer.alloc(2000));
    const read = workspace.read(path, 1000);
    await expect(read).rejects.toThrow(message);
    expect(await codeOf(read)).toBe(code);
  });

  test('a name that is not there leads to the nearest, never to one outside or hidden', async () => {
    mkdirSync(join(root, 'data'));
    writeFileSync(join(root, 'data', 'sales.csv'), '');
    writeFileSync(join(root, '.secrets'), '');
    symlinkSync(home, join(root, 'link-to-folder'));
    const messageOf = (path: string) => workspace.read(path, 10).catch(({ details }) => details.message);
    expect(await messageOf('data/sale.csv')).toBe(
      `data/sale.csv does not exist in the workspace ${root}. Did you mean data/sales.csv?`,
    );
    expect(await messageOf('dta/sales.csv')).toContain('Did you mean data/sales.csv?');
    expect(await messageOf('secrets')).not.toContain('mean');
    expect(await messageOf('link-to-folder/secre')).toContain('does not lie in the workspace');
    const none = new Workspace(join(home, 'none'));
    await expect(none.read('x', 10)).rejects.toThrow(
      `x does not exist in the workspace ${join(home, 'none')}.`,
    );
  });

  test('a folder in the place of a file, a file in the place of a folder', async () => {
    mkdirSync(join(root, 'folder'));
    writeFileSync(join(root, 'file'), '');
    await expect(workspace.write('folder', Buffer.from('x'))).rejects.toThrow(
      /folder in the workspace is a folder/,
    );
    await expect(workspace.write('file/below', Buffer.from('x'))).rejects.toThrow(
      /something else where a folder is needed/,
    );
    await expect(workspace.write('.', Buffer.from('x'))).rejects.toThrow(ToolFailure);
    for (const path of ['folder', 'file/below', 'file/far/below', '.'])
      await expect(workspace.checkWritable(path), path).rejects.toThrow(ToolFailure);
    for (const path of ['file', 'folder/new', 'new/far/below']) await workspace.checkWritable(path);
    expect(readdirSync(root).toSorted()).toEqual(['file', 'folder']);
  });

  test.skipIf(process.getuid?.() === 0)(
    'what the system denies (skipped for root, whom it denies nothing)',
    async () => {
      mkdirSync(join(root, 'closed'));
      chmodSync(join(root, 'closed'), 0o500);
      await expect(workspace.write('closed/file', Buffer.from('x'))).rejects.toThrow(/denies access/);
      await expect(workspace.checkWritable('closed/file')).rejects.toThrow(/denies access/);
    },
  );
});
