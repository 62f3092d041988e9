import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sweepEphemeral } from '../../../src/engine/process/ephemeral.ts';
import { lockDataDir } from '../../../src/engine/process/lock.ts';
import { Fixture, started } from '../../support/engine.ts';
import { temporaryDir } from '../../support/temporary.ts';

/** A foreground engine without a data directory, whose temporary files are in `tmp`. */
async function ephemeral(tmp: string) {
  const engine = new Fixture('engine-load.ts', [], { env: { ...process.env, TMPDIR: tmp } });
  const { dataDir } = await engine.line<{ dataDir: string }>();
  return { engine, dataDir };
}

test('what a killed engine left is removed by the next one, and what another has is not', async () => {
  const tmp = temporaryDir();
  const [killed, running] = await Promise.all([ephemeral(tmp), ephemeral(tmp)]);
  await killed.engine.kill('SIGKILL');
  expect(existsSync(join(killed.dataDir, 'master.key'))).toBe(true);

  const next = await ephemeral(tmp);
  expect(readdirSync(tmp).sort()).toEqual(
    [running.dataDir, next.dataDir].map((dataDir) => dataDir.slice(tmp.length + 1)).sort(),
  );
  for (const { engine } of [running, next]) {
    engine.process.kill('SIGTERM');
    expect(await engine.ended).toEqual({ code: 0, signal: null });
  }
  expect(readdirSync(tmp)).toEqual([]);
});

test('what somebody opens by its name stays from then on', async () => {
  const tmp = temporaryDir();
  const { engine, dataDir } = await ephemeral(tmp);
  await engine.kill('SIGKILL');
  await (await started({ dataDir })).close();
  await ephemeral(tmp);
  expect(existsSync(join(dataDir, 'master.key'))).toBe(true);
});

test('a folder opened by its name keeps what is called like the mark and is none', async () => {
  const [withFolder, withFile] = [temporaryDir(), temporaryDir()];
  mkdirSync(join(withFolder, 'ephemeral'));
  writeFileSync(join(withFile, 'ephemeral'), 'mine');
  for (const dataDir of [withFolder, withFile]) {
    await (await started({ dataDir })).close();
    expect(existsSync(join(dataDir, 'ephemeral'))).toBe(true);
  }
});

test('a temporary folder that cannot be looked into keeps no engine from starting', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('TMPDIR', join(temporaryDir(), 'missing'));
  await sweepEphemeral();
});

test('nothing else is touched, whatever its name', async () => {
  const tmp = temporaryDir();
  const kept = join(tmp, 'agentcore-mcp-mydata');
  mkdirSync(kept);
  const lock = await lockDataDir(kept, 0);
  lock.release();
  const elsewhere = temporaryDir();
  writeFileSync(join(elsewhere, 'ephemeral'), '');
  symlinkSync(elsewhere, join(tmp, 'agentcore-mcp-abcdef'));
  writeFileSync(join(tmp, 'agentcore-mcp-file'), '');
  await ephemeral(tmp);
  expect(existsSync(join(kept, 'engine.lock'))).toBe(true);
  expect(existsSync(join(elsewhere, 'ephemeral'))).toBe(true);
  expect(existsSync(join(tmp, 'agentcore-mcp-file'))).toBe(true);
});

test.runIf(process.getuid?.() === 0)('nor is what belongs to another user', async () => {
  const tmp = temporaryDir();
  const theirs = mkdtempSync(join(tmp, 'agentcore-mcp-'));
  writeFileSync(join(theirs, 'ephemeral'), '');
  chownSync(theirs, 65_534, 65_534);
  await ephemeral(tmp);
  expect(readdirSync(theirs)).toEqual(['ephemeral']);
});
