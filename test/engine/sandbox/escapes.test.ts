import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bait, escapes } from './escapes.ts';
import { asOrdinaryUser, ordinaryUserCanRun } from './ordinary-user.ts';
import { describeSandbox } from './support.ts';

const RUNNER = fileURLToPath(new URL('escape-runner.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;
const nobody: Bait = { secretFile: '', secret: '', port: 0, abstractSocket: '' };

const ways = [
  { who: 'root', possible: isRoot, command: () => [process.execPath, RUNNER] },
  {
    who: 'an ordinary user',
    possible: !isRoot || ordinaryUserCanRun(),
    command: () => asOrdinaryUser([process.execPath, RUNNER]),
  },
];

for (const { who, possible, command } of ways) {
  if (!possible)
    console.warn(`SKIPPED: escapes from a sandbox started by ${who}; this process cannot run as that.`);

  describeSandbox(`from a sandbox started by ${who}`, () => {
    describe.skipIf(!possible)('no way leads to', () => {
      let found: { uid: number; reached: number; results: Record<string, string> };

      beforeAll(async () => {
        const [program, ...rest] = command();
        const env = { PATH: process.env.PATH, HOME: process.env.HOME };
        const { stdout } = await promisify(execFile)(program as string, rest, { env });
        found = JSON.parse(stdout);
      });

      it.each(escapes(nobody).map(({ name, denied }) => [name, denied] as const))('%s', (name, denied) => {
        expect(found.results[name]).toMatch(denied);
      });

      it('the listeners of the host, which only the host itself reached', () => {
        expect(found.uid === 0).toBe(who === 'root');
        expect(found.reached).toBe(2);
      });
    });
  });
}
