import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { SessionStorage } from '../../../../src/engine/services/runtime/storage.ts';
import { watchSize } from '../../../../src/engine/services/runtime/storage-size.ts';
import type { Target } from '../../../../src/engine/services/runtime/target.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { newSession } from './data-support.ts';

const DAY_MS = 24 * 3600 * 1000;

function targetOf(endpoint = 'DEFAULT'): Target {
  return {
    scope: { account: '111122223333', region: 'eu-central-1' },
    runtimeId: 'agent-abcdefghij',
    runtimeArn: 'arn:aws:bedrock-agentcore:eu-central-1:111122223333:runtime/agent-abcdefghij',
    endpoint,
    config: {
      version: '1',
      runtime: 'PYTHON_3_12',
      entryPoint: ['main.py'],
      codeFolder: '/nowhere',
      protocol: 'HTTP',
      environment: {},
      idleSeconds: 900,
      lifetimeSeconds: 28_800,
      headerAllowlist: [],
      storageMounts: ['/mnt/data/', '/mnt/more'],
    },
  };
}

async function foldersOf(storage: SessionStorage, session: string, endpoint?: string): Promise<string[]> {
  const mounts = await storage.mounts(targetOf(endpoint), session);
  return mounts.map((mount) => (mount.kind === 'bind' ? mount.source : ''));
}

test('every session of every endpoint has folders of its own, whatever its id', async () => {
  const storage = new SessionStorage(temporaryDir());
  const sessions = [newSession(), `../../..${newSession()}`, `${newSession()}/\u0000*`];
  const folders = await Promise.all(sessions.map((session) => foldersOf(storage, session)));
  const other = await foldersOf(storage, sessions[0] ?? '', 'prod');
  expect(new Set([...folders, other].flat()).size).toBe(8);
  for (const folder of folders.flat())
    expect(folder).toMatch(/\/agent-abcdefghij\/DEFAULT\/[0-9a-f]{40}\/1\/mnt-(data|more)$/);
});

test('what no session has used for 14 days goes away', async () => {
  const storage = new SessionStorage(temporaryDir());
  const [old = '', recent = ''] = (
    await Promise.all([newSession(), newSession()].map((session) => foldersOf(storage, session)))
  ).map(([folder]) => folder);
  const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
  utimesSync(dirname(dirname(old)), ago(14.1), ago(14.1));
  utimesSync(dirname(dirname(recent)), ago(13.9), ago(13.9));
  await storage.sweep();
  expect([existsSync(old), existsSync(recent)]).toEqual([false, true]);
});

test.each([
  [{ bytes: 50_000, files: 100 }, /more than 50000 bytes/],
  [{ bytes: 1_000_000, files: 5 }, /more than 5 files/],
])('a folder that outgrows %j is told once; links lead nowhere', async (limits, reason) => {
  const folder = temporaryDir();
  symlinkSync('/usr', join(folder, 'link'));
  const told: string[] = [];
  const watched = watchSize(folder, new AbortController().signal, (reason) => told.push(reason), limits);
  for (let i = 0; i < 10; i++) {
    mkdirSync(join(folder, String(i)));
    writeFileSync(join(folder, String(i), 'file'), Buffer.alloc(10_000));
  }
  await watched;
  expect(told).toEqual([expect.stringMatching(reason)]);
});

/** What no tool of the host would name: a path of more than 4096 bytes, and a name that is no text. */
const HIDDEN = `
import os, sys
os.chdir(sys.argv[1])
def fill(name):
    with open(name, "wb") as file:
        file.write(bytes(100_000))
if sys.argv[2] == "name":
    fill(b"\\xff")
else:
    for _ in range(int(sys.argv[2])):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    fill("file")`;

test.each([
  ['name', /held more than 50000 bytes/],
  ['30', /held more than 50000 bytes/],
  ['300', /more than 250 folders within folders/],
])('what is hidden in session storage counts: %s', async (how, reason) => {
  const folder = temporaryDir();
  execFileSync('python3', ['-c', HIDDEN, folder, how]);
  const told: string[] = [];
  await watchSize(folder, AbortSignal.timeout(10_000), (reason) => told.push(reason), { bytes: 50_000 });
  expect(told).toEqual([expect.stringMatching(reason)]);
  execFileSync('rm', ['-rf', folder]);
});

test('session storage ends where the disk of the engine does', async () => {
  const told: string[] = [];
  const all = { reserveBytes: Number.MAX_SAFE_INTEGER };
  await watchSize(temporaryDir(), AbortSignal.timeout(10_000), (reason) => told.push(reason), all);
  expect(told).toEqual([expect.stringContaining('the disk of the engine has less than')]);
});
