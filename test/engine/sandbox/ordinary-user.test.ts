import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { asOrdinaryUser, ordinaryUserCanRun } from './ordinary-user.ts';
import { describeSandbox } from './support.ts';

/** What is used of vitest's JSON report. */
interface Report {
  numPassedTests: number;
  testResults: { message: string; assertionResults?: { failureMessages: string[] }[] }[];
}

const isRoot = process.getuid?.() === 0;
const possible = isRoot && ordinaryUserCanRun();
if (isRoot && !possible)
  console.warn('SKIPPED: sandboxes started by an ordinary user; none can read this project or its Python.');

describeSandbox('sandboxes started by an ordinary user', () => {
  describe.skipIf(!possible)('while these tests run as root', () => {
    it('pass every other test of this folder', { timeout: 300_000 }, () => {
      const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));
      const config = fileURLToPath(new URL('ordinary-user.config.ts', import.meta.url));
      const project = fileURLToPath(new URL('../../../', import.meta.url));
      const [program, ...rest] = asOrdinaryUser([
        ...[process.execPath, vitest, 'run', '--root', project, '--reporter', 'json'],
        ...['--config', config, '--configLoader', 'native'],
      ]);
      const env = { PATH: process.env.PATH, HOME: process.env.HOME };
      const { stdout, stderr } = spawnSync(program as string, rest, {
        env,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      const report = JSON.parse(stdout || JSON.stringify({ testResults: [{ message: stderr }] })) as Report;
      const failures = report.testResults.flatMap(({ message, assertionResults }) => [
        message,
        ...(assertionResults ?? []).flatMap(({ failureMessages }) => failureMessages),
      ]);
      expect(failures.filter(Boolean)).toEqual([]);
      expect(report.numPassedTests).toBeGreaterThan(150);
    });
  });
});
