import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import { temporaryDir } from '../../support/temporary.ts';
import { asOrdinaryUser } from './ordinary-user.ts';
import { describeSandbox } from './support.ts';

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

/** A search path on which bubblewrap is a script of ours. */
function withBubblewrap(script: string): void {
  const folder = temporaryDir();
  writeFileSync(join(folder, 'bwrap'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bwrap'), 0o755);
  process.env.PATH = folder;
}

describeSandbox('a probe', () => {
  it('starts a sandbox, and remembers the answer for a while', async () => {
    const sandboxes = createSandboxes({});
    expect(await sandboxes.probe()).toEqual({ works: true, tier: 'bubblewrap' });
    expect(sandboxes.probe()).toBe(sandboxes.probe());
  });

  it('says that bubblewrap is missing', async () => {
    process.env.PATH = temporaryDir();
    const sandboxes = createSandboxes({});
    expect(await sandboxes.probe()).toEqual({
      works: false,
      reason: expect.stringContaining('not installed'),
      cure: expect.stringMatching(/^Run this in a terminal: .*(cli\.js|agentcore-mcp) setup$/),
    });
    await expect(sandboxes.start('x')).rejects.toMatchObject({
      name: 'SandboxError',
      code: 'unavailable',
      message: expect.stringMatching(/not installed.* setup/),
    });
  });

  it('says that bubblewrap is too old', async () => {
    withBubblewrap(
      '[ "$1" = --version ] && echo bubblewrap 0.6.1 && exit; echo "bwrap: Unknown option --size" >&2; exit 1',
    );
    expect(await createSandboxes({}).probe()).toMatchObject({
      works: false,
      reason: expect.stringContaining('0.6.1 is too old'),
    });
  });

  it.each([
    'bwrap: setting up uid map: Permission denied',
    'bwrap: No permissions to create a new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted',
    'bwrap: Creating new namespace failed: Operation not permitted',
  ])('knows who says "%s"', async (complaint) => {
    withBubblewrap(`[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit; echo "${complaint}" >&2; exit 1`);
    const verdict = await createSandboxes({}).probe();
    expect(verdict).toMatchObject({ works: false, reason: expect.stringContaining('namespaces') });
    expect((verdict as { cure: string }).cure).toMatch(/sysctl|container/);
  });

  it('says so where user namespaces really are forbidden', async () => {
    const provider = fileURLToPath(new URL('../../../src/engine/sandbox/index.ts', import.meta.url));
    const code = `import(${JSON.stringify(provider)}).then(async (m) => console.log(JSON.stringify(await m.createSandboxes({}).probe())))`;
    const forbidding = [
      'bwrap',
      '--dev-bind',
      '/',
      '/',
      '--unshare-user',
      '--disable-userns',
      '--uid',
      '1000',
    ];
    const [program, ...rest] = asOrdinaryUser([...forbidding, process.execPath, '-e', code]);
    const { stdout } = await promisify(execFile)(program as string, rest);
    expect(JSON.parse(stdout)).toMatchObject({ works: false, reason: expect.stringContaining('namespaces') });
  });

  it('says that there is no Python environment, or that it does not run', async () => {
    const folder = temporaryDir();
    const none = await createSandboxes({ python: join(folder, 'none') }).probe();
    expect(none).toMatchObject({ works: false, reason: expect.stringContaining('there is none') });
    mkdirSync(join(folder, 'bin'));
    symlinkSync('/bin/false', join(folder, 'bin', 'python'));
    const broken = await createSandboxes({ python: folder }).probe();
    expect(broken).toMatchObject({
      works: false,
      cure: expect.stringMatching(/^Run this in a terminal: .*(cli\.js|agentcore-mcp) setup$/),
    });
  });
});

describe('a provider', () => {
  it('does nothing before it is asked', () => {
    process.env.PATH = '';
    expect(() => createSandboxes({ python: '/nonexistent' })).not.toThrow();
  });
});

describeSandbox('sandboxes of a provider that is closed', () => {
  it('end, also one that was only starting, and no more can be had', async () => {
    const provider = createSandboxes({});
    const sandbox = await provider.start('running');
    const starting = provider.start('starting').then((late) => late.ended, String);
    await provider.close();
    expect(await sandbox.ended).toBe('it was closed');
    expect(await starting).toContain('shut down');
    await expect(provider.start('late')).rejects.toMatchObject({ code: 'unavailable' });
    await provider.close();
  });
});

describeSandbox('a process without files to spare', () => {
  it('is told so, and lives on', async () => {
    const index = new URL('../../../src/engine/sandbox/index.ts', import.meta.url).href;
    const code = `
      const sandboxes = (await import(${JSON.stringify(index)})).createSandboxes({});
      const started = [];
      try { while (started.length < 100) started.push(await sandboxes.start('x')); }
      catch (error) { console.log(error.message); }
      console.log(started.length > 0, (await started[0].runCommand('echo still there', { timeoutMs: 10_000 })).stdout);
      await sandboxes.close();`;
    const limited = ['-c', 'ulimit -n 120 && exec "$@"', 'sh', process.execPath];
    const { stdout } = await promisify(execFile)('sh', [...limited, '--input-type=module', '-e', code]);
    expect(stdout).toContain('Code cannot run here: too many files are open.');
    expect(stdout).toContain('true still there');
  });
});
