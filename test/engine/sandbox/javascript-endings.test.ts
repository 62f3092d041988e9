import { expect, it } from 'vitest';
import { describeSandbox, PATIENT, resultOf, sandboxes, useSandbox } from './support.ts';

const MiB = 1024 ** 2;

describeSandbox('an interrupted cell of JavaScript', () => {
  const shared = useSandbox();
  const { javascript, typescript } = shared;

  it.each([
    ['a busy loop', 'console.log("started"); while (true);'],
    ['a busy loop after an await', 'console.log("started"); await null; while (true);'],
    [
      'a busy loop of a timer',
      'console.log("started"); setInterval(() => { while (true); }, 5); await new Promise(() => {})',
    ],
    ['a promise that stays open', 'console.log("started"); await new Promise(() => {})'],
    ['a regular expression', 'console.log("started"); /(a+)+$/.test("a".repeat(40) + "b")'],
    ['a program', 'console.log("started"); require("child_process").execSync("sleep 60")'],
    [
      'a catch',
      'console.log("started"); while (true) try { while (true); } catch {} finally { while (true); }',
    ],
  ])('stops %s, and keeps the variables', async (_, code) => {
    await javascript('let kept = 1');
    expect(await javascript(code, { timeoutMs: 300 })).toMatchObject({
      stdout: 'started\n',
      stderr: expect.stringContaining('Interrupted.'),
      exitCode: 1,
      interruption: 'timeout',
      stateLost: false,
    });
    expect(resultOf(await javascript('kept'))).toBe('1');
  });

  it('does not come back, and nothing is lost with what it waited for', async () => {
    await javascript('let rounds = 0');
    const loop =
      'import { setTimeout as sleep } from "node:timers/promises"; while (true) { await sleep(5); rounds++ }';
    await javascript(loop, { timeoutMs: 200 });
    await javascript('while (true) { await new Promise((r) => setTimeout(r, 5)); rounds++ }', {
      timeoutMs: 200,
    });
    const before =
      'const before = rounds; await new Promise((r) => setTimeout(r, 50)); [before > 2, rounds - before]';
    expect(resultOf(await javascript(before))).toBe('[ true, 0 ]');
    // Node ends where V8 answers for a promise that it collects.
    const collect = 'for (let n = 0; n < 40; n++) new Array(1e6).fill({}); rounds > 2';
    expect(resultOf(await javascript(collect))).toBe('true');
  });

  it('goes on with nothing that its loops waited for', async () => {
    await javascript(
      `var rounds = [0, 0, 0, 0, 0];
      const { exec } = require('child_process'), fs = require('fs'), net = require('net');
      const ticks = require('timers/promises').setInterval;
      const server = net.createServer((socket) => socket.end('x')).listen(0, '127.0.0.1');
      const later = new Promise((resolve) => { globalThis.comes = resolve })`,
    );
    const loops = `
      const read = async () => { while (true) { await fs.promises.readFile('/etc/hosts'); rounds[0]++ } };
      const connect = async () => {
        while (true) {
          for await (const _ of net.connect(server.address().port, '127.0.0.1'));
          rounds[1]++;
        }
      };
      const spawn = async () => { while (true) { await new Promise((r) => exec('true', r)); rounds[2]++ } };
      const tick = async () => { for await (const _ of ticks(1)) rounds[3]++ };
      await Promise.all([read(), connect(), spawn(), tick()])`;
    await javascript(loops, { timeoutMs: 1500 });
    expect(await javascript('await later; ++rounds[4]', { timeoutMs: 200 })).toMatchObject({
      interruption: 'timeout',
      stateLost: false,
    });
    // Each may take a last step or two; this ends once they stand still.
    const still = `
      do {
        var before = rounds.join();
        await new Promise((r) => setTimeout(r, 300));
      } while (rounds.join() !== before);
      [Math.min(...rounds.slice(0, 4)) > 0, rounds[4]]`;
    expect(resultOf(await javascript(still))).toBe('[ true, 0 ]');
    // What only waited has its rest, without a result, and does not take along what waits for the same.
    expect(resultOf(await javascript('setTimeout(comes); await later; await null; rounds[4]'))).toBe('1');
  });

  it('can be cancelled, also while it is compiled', async () => {
    const cancel = new AbortController();
    const cell = { code: 'while (true);', language: 'javascript' } as const;
    const running = shared.sandbox.runCell(cell, { ...PATIENT, signal: cancel.signal });
    setTimeout(() => cancel.abort(), 100);
    expect(await running).toMatchObject({ interruption: 'cancelled', exitCode: 1, stateLost: false });
    expect(await typescript(`while (true); // ${'x'.repeat(2e6)}`, { timeoutMs: 1 })).toMatchObject({
      interruption: 'timeout',
      stateLost: false,
    });
    expect(resultOf(await javascript('kept'))).toBe('1');
  });

  it('is killed when it will not stop, and the next cell has a new kernel', async () => {
    const deaf = `require("child_process").execSync('trap "" INT; sleep 60')`;
    const outcome = await javascript(deaf, { timeoutMs: 200 });
    expect(outcome).toMatchObject({ interruption: 'timeout', exitCode: 137, stateLost: true });
    expect(outcome.stderr).toContain(
      'Node.js process ended (SIGKILL); the variables of earlier cells are gone',
    );
    expect(await javascript('kept')).toMatchObject({ exitCode: 1, stateLost: false });
  });
});

describeSandbox('a kernel of JavaScript', () => {
  const shared = useSandbox();
  const { javascript, python, shell } = shared;

  it('lives beside that of Python, and shares its files', async () => {
    await python('x = "python"');
    await javascript('let x = "javascript"; require("fs").writeFileSync("shared.txt", x)');
    expect((await python('print(x, open("shared.txt").read())')).stdout).toBe('python javascript\n');
    expect(resultOf(await javascript('x'))).toBe("'javascript'");
    expect((await shell('node -p 6*7; rm shared.txt; ls -A')).stdout).toBe('42\n');
  });

  it('is new when asked for a fresh one, and Python keeps its own', async () => {
    const fresh = { code: 'typeof x', language: 'javascript', fresh: true } as const;
    const outcome = await shared.sandbox.runCell(fresh, PATIENT);
    expect(outcome).toMatchObject({ stateLost: false, stderr: '' });
    expect(resultOf(outcome)).toBe("'undefined'");
    expect(resultOf(await python('x'))).toBe("'python'");
  });

  it.each([
    ['process.exit()', 0],
    ['process.exit(5)', 5],
    ['process.kill(process.pid, "SIGKILL")', 137],
    ['process.abort()', 134],
  ])('is replaced after %s', async (code, exitCode) => {
    await javascript('let before = 1');
    const outcome = await javascript(`process.stdout.write("b".repeat(1e6)); ${code}`);
    expect(outcome).toMatchObject({ exitCode, stateLost: true, stdout: 'b'.repeat(1e6) });
    expect(outcome.stderr).toContain('Node.js process ended');
    expect(await javascript('before')).toMatchObject({ exitCode: 1, stateLost: false });
  });

  it('runs Deno where there is one, and otherwise says that it does not', async () => {
    const cell = { code: 'typeof process.versions.node', language: 'typescript', runtime: 'deno' } as const;
    const outcome = await shared.sandbox.runCell(cell, PATIENT);
    expect(resultOf(outcome)).toBe("'string'");
    expect(outcome.stderr).toContain('no Deno on this machine');
  });

  it('is missing without the Node.js of the engine, and Python is not', async () => {
    const node = process.execPath;
    process.execPath = '/nowhere/bin/node';
    const sandbox = await sandboxes.start('nodeless').finally(() => {
      process.execPath = node;
    });
    try {
      expect(await sandbox.runCell({ code: '1', language: 'javascript' }, PATIENT)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/removed since it started .*\/nowhere.* Restart .*engine --stop\n$/),
      });
      expect((await sandbox.runCell({ code: 'print(1)' }, PATIENT)).stdout).toBe('1\n');
    } finally {
      await sandbox.close();
    }
  });
});

describeSandbox('too much memory', () => {
  it('ends a kernel of JavaScript, and the next cell has a new one', async () => {
    const sandbox = await sandboxes.start('memory', { limits: { memoryBytes: 300 * MiB } });
    try {
      const javascript = (code: string) => sandbox.runCell({ code, language: 'javascript' }, PATIENT);
      const objects = await javascript('const held = []; while (true) held.push(new Array(1e6).fill(1))');
      expect(objects).toMatchObject({ exitCode: 134, stateLost: true });
      expect(objects.stderr).toContain('JavaScript heap out of memory');
      expect(resultOf(await javascript('1 + 1'))).toBe('2');
    } finally {
      await sandbox.close();
    }
  });
});
