import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findEngine } from '../../src/engine/process.ts';
import { runs, stopAfterTest, until } from '../support/engine.ts';
import { describeSandbox } from '../support/sandbox.ts';

const project = join(import.meta.dirname, '../..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ready-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A clone that has packages, but is not built. */
function makeClone(name: string, sources: (src: string) => void): string {
  const clone = join(folder, name);
  mkdirSync(clone);
  for (const part of ['scripts', 'python', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    cpSync(join(project, part), join(clone, part), { recursive: true });
  }
  const linked = spawnSync('cp', ['-al', join(project, 'node_modules'), clone]).status === 0;
  if (!linked) cpSync(join(project, 'node_modules'), join(clone, 'node_modules'), { recursive: true });
  rmSync(join(clone, 'node_modules/.cache'), { recursive: true, force: true });
  sources(join(clone, 'src'));
  return clone;
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function ready(clone: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const result = spawnSync(process.execPath, ['scripts/ready.mjs', ...args], {
    cwd: clone,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

function startReady(clone: string, args: string[]) {
  const program = spawn(process.execPath, ['scripts/ready.mjs', ...args], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = Object.assign(program, { said: '' });
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    started.said += text;
  });
  return started;
}

async function firstLine(program: ChildProcess): Promise<string> {
  if (!program.stdout) throw new Error('stdout is not piped');
  const [line] = await once(createInterface({ input: program.stdout }), 'line');
  return line;
}

test('the project itself, with packages but not built: builds, and then runs the program without a word', () => {
  const clone = makeClone('project', (src) => cpSync(join(project, 'src'), src, { recursive: true }));
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  expect(ready(clone, ['dist/cli.js', '--version'], { NODE_ENV: 'production' })).toEqual({
    status: 0,
    stdout: `${version}\n`,
    stderr: expect.stringContaining('agentcore-mcp: building ...\n'),
  });
  expect(ready(clone, ['dist/cli.js', '--version'])).toEqual({
    status: 0,
    stdout: `${version}\n`,
    stderr: '',
  });
});

describe.skipIf(process.platform === 'win32')('packages are missing and an engine of the clone runs', () => {
  const dataDir = join(folder, 'data of an engine');
  const env = { npm_execpath: join(folder, 'npm-cli.js') };
  const clone = join(folder, 'project');
  const lock = join(clone, 'package-lock.json');

  beforeAll(() => {
    writeFileSync(env.npm_execpath, 'console.error("npm", ...process.argv.slice(2)); process.exit(1);');
  });

  async function engineOfClone(): Promise<number> {
    expect(ready(clone, ['dist/cli.js', 'env', '--data-dir', dataDir])).toMatchObject({ status: 0 });
    return (await findEngine(dataDir))?.pid ?? 0;
  }

  function withMissingPackages(): ReturnType<typeof ready> {
    const changed = JSON.parse(readFileSync(lock, 'utf8'));
    changed.packages['node_modules/zod'].version = '0.0.1';
    // It comes back as it was, its time included, so that nothing is built again.
    const aside = `${lock}.aside`;
    renameSync(lock, aside);
    writeFileSync(lock, JSON.stringify(changed));
    const result = ready(clone, ['dist/cli.js', '--version'], env);
    renameSync(aside, lock);
    return result;
  }

  test('idle, it is ended before npm begins', async () => {
    const pid = await engineOfClone();
    const { stderr } = withMissingPackages();
    expect(stderr).toContain(`agentcore-mcp: ended the idle engine, process ${pid}.\n`);
    // What builds the project is among the packages for development, which NODE_ENV=production leaves out.
    expect(stderr).toMatch(/^npm ci --include=dev /m);
    expect(runs(pid)).toBe(false);
  });

  describeSandbox('with a sandbox', () => {
    test('with a session, it goes on, and is said how to end it', async () => {
      const pid = await engineOfClone();
      stopAfterTest(dataDir);
      const call = ['dist/cli.js', 'call', 'run_code', '{"code": "1", "session": "s"}'];
      expect(ready(clone, [...call, '--data-dir', dataDir])).toMatchObject({ status: 0 });
      const { status, stderr } = withMissingPackages();
      expect(status).toBe(1);
      expect(stderr).toMatch(new RegExp(`\\n {2}kill ${pid}\\n\\(its running code sessions`));
      expect(stderr).not.toMatch(/^npm ci/m);
      expect(runs(pid)).toBe(true);
    });
  });
});

describe('step by step', () => {
  let clone: string;
  const built = 'agentcore-mcp: building ...\n';

  beforeAll(() => {
    clone = makeClone('small', (src) => {
      write(
        join(src, 'cli.ts'),
        `import { existsSync, writeFileSync } from 'node:fs';
         import { mark } from './setup/state.ts';
         if (process.argv[2] === 'setup') {
           while (!existsSync(${JSON.stringify(join(folder, 'go'))})) await new Promise((resolve) => setTimeout(resolve, 20));
           writeFileSync(mark, '');
           process.stderr.write('set up\\n');
         }
         else if (process.argv[2] === 'sleep') { console.log(process.pid); setInterval(() => {}, 1000); }
         else process.exit(Number(process.argv[2]));`,
      );
      write(
        join(src, 'setup/state.ts'),
        `import { existsSync } from 'node:fs';
         export const mark = ${JSON.stringify(join(folder, 'set-up'))};
         export const isSetUp = () => existsSync(mark);`,
      );
      write(join(src, 'extra.ts'), 'export const extra = 1;');
    });
  });

  test('two at once: one builds and sets up, the other waits for it', async () => {
    const first = startReady(clone, ['dist/cli.js', '3']);
    const codes = [once(first, 'exit')];
    await until(() => first.said.includes(built));
    const second = startReady(clone, ['dist/cli.js', '4']);
    codes.push(once(second, 'exit'));
    await until(() => second.said.includes('waiting for another process that is setting up this clone'));
    writeFileSync(join(folder, 'go'), '');
    expect((await Promise.all(codes)).map(([code]) => code)).toEqual([3, 4]);
    expect(first.said).toBe(`${built}set up\n`);
    expect(second.said).toBe(
      'agentcore-mcp: waiting for another process that is setting up this clone ...\n',
    );
  });

  test('nothing is missing: nothing is said, and the exit code is that of the program', () => {
    expect(ready(clone, ['dist/cli.js', '7'])).toEqual({ status: 7, stdout: '', stderr: '' });
  });

  test('a changed source is built again, and what a removed one left is removed', () => {
    expect(existsSync(join(clone, 'dist/extra.js'))).toBe(true);
    rmSync(join(clone, 'src/extra.ts'));
    expect(ready(clone, ['dist/cli.js', '0']).stderr).toBe(built);
    expect(existsSync(join(clone, 'dist/extra.js'))).toBe(false);
    expect(existsSync(join(clone, 'dist/extra.d.ts'))).toBe(false);
    expect(existsSync(join(clone, 'dist/cli.js'))).toBe(true);
    utimesSync(join(clone, 'src/cli.ts'), new Date(), new Date());
    expect(ready(clone, ['dist/cli.js', '0']).stderr).toBe(built);
  });

  test('a source with an error: it is shown, nothing runs, and once mended all is well', () => {
    const wrong = join(clone, 'src/wrong.ts');
    writeFileSync(wrong, 'export const wrong: number = "text";');
    for (let attempt = 0; attempt < 2; attempt++) {
      const { status, stderr } = ready(clone, ['dist/cli.js', '0']);
      expect(status).toBe(1);
      expect(stderr).toContain('src/wrong.ts');
      expect(stderr).toContain('agentcore-mcp: the build failed; its messages are above.\n');
    }
    rmSync(wrong);
    expect(ready(clone, ['dist/cli.js', '0'])).toEqual({ status: 0, stdout: '', stderr: built });
    expect(existsSync(join(clone, 'dist/wrong.js'))).toBe(false);
  });

  test('a signal reaches the program', async () => {
    const program = startReady(clone, ['dist/cli.js', 'sleep']);
    const pid = Number(await firstLine(program));
    program.kill('SIGTERM');
    expect(await once(program, 'exit')).toEqual([128 + 15, null]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test.skipIf(process.platform === 'win32')('ends the program when npm, its parent, ends', async () => {
    const npm = `spawn(process.execPath, ['scripts/ready.mjs', 'dist/cli.js', 'sleep'], { stdio: 'inherit' })`;
    const parent = spawn(process.execPath, ['-e', `child_process.${npm}`], {
      cwd: clone,
      env: { ...process.env, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await firstLine(parent));
    parent.kill('SIGKILL');
    await until(() => !runs(pid));
  });

  test('finds the program of the clone from another folder, and names one that is nowhere', () => {
    const from = (program: string) =>
      spawnSync(process.execPath, [join(clone, 'scripts/ready.mjs'), program, '5'], {
        cwd: folder,
        encoding: 'utf8',
      });
    expect(from('dist/cli.js')).toMatchObject({ status: 5, stderr: '' });
    const { status, stderr } = from('dist/none.js');
    expect(status).toBe(1);
    expect(stderr).toContain(`there is no dist/none.js, neither in ${folder} nor in ${clone}.\nusage: `);
  });

  test.skipIf(process.platform === 'win32')(
    'packages are not replaced under a program that runs',
    async () => {
      const lock = join(clone, 'package-lock.json');
      const wanted = readFileSync(lock, 'utf8');
      const program = startReady(clone, ['dist/cli.js', 'sleep']);
      const pid = await firstLine(program);
      const changed = JSON.parse(wanted);
      changed.packages['node_modules/zod'].version = '0.0.1';
      writeFileSync(lock, JSON.stringify(changed));
      const { status, stderr } = ready(clone, ['dist/cli.js', '0']);
      expect(status).toBe(1);
      expect(stderr).toContain(`process ${pid}: `);
      expect(stderr).toContain('dist/cli.js sleep\nStop it and try again.');
      expect(existsSync(join(clone, 'node_modules/zod/package.json'))).toBe(true);
      writeFileSync(lock, wanted);
      program.kill();
      await once(program, 'exit');
    },
  );

  test('reached through a link, a clone is the same clone', () => {
    symlinkSync(clone, join(folder, 'link'));
    expect(ready(join(folder, 'link'), ['dist/cli.js', '0']).status).toBe(0);
  });

  test('without a program it says how it is used', () => {
    const { status, stderr } = ready(clone, []);
    expect(status).toBe(1);
    expect(stderr).toBe('agentcore-mcp: usage: node scripts/ready.mjs <program.js> [arguments]\n');
  });
});
