import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  GetCodeInterpreterSessionCommand,
  InvokeCodeInterpreterCommand,
  StartCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readRecord } from '../../../src/engine/process/record.ts';
import { ensureEngine, findEngine, type RunningEngine, stopEngine } from '../../../src/engine/process.ts';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import { openStore } from '../../../src/engine/store/sqlite.ts';
import { dataClient, ensured, Fixture, gone, runs, stopAfterTest, until } from '../../support/engine.ts';
import { temporaryDir } from '../../support/temporary.ts';

const interpreter = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
const linux = process.platform === 'linux';
const root = process.getuid?.() === 0;
const sandbox = await createSandboxes({}).probe();
if (!sandbox.works) console.warn(`SKIPPED: tests with code sessions. ${sandbox.reason}. ${sandbox.cure}`);

interface Client {
  url: string;
  generation: string;
  pid: number;
  sessionId?: string;
}

const status = async (engine: RunningEngine, sessionId: string | undefined) =>
  (await dataClient(engine).send(new GetCodeInterpreterSessionCommand({ ...interpreter, sessionId }))).status;

/** The processes whose command line has this text. */
function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Every process that descends from one, itself not included. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Ended meanwhile.
    }
  }
  const below = (ancestor: number): number[] =>
    [...parents].filter(([, parent]) => parent === ancestor).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

test('starting a second time finds the first engine; it survives its client and is found by others', async () => {
  const dataDir = temporaryDir();
  stopAfterTest(dataDir);
  const client = new Fixture('engine-client.ts', [dataDir]);
  const { pid, generation } = await client.line<Client>();
  await client.kill('SIGKILL');
  expect(await ensured(dataDir)).toMatchObject({ pid, generation });
});

test('starters racing in several processes get one engine', { timeout: 90_000 }, async () => {
  const dataDir = temporaryDir();
  stopAfterTest(dataDir);
  const clients = Array.from({ length: 4 }, () => new Fixture('engine-client.ts', [dataDir]));
  const answers = await Promise.all([
    ...clients.map((client) => client.line<Client>()),
    ensureEngine({ dataDir }),
    ensureEngine({ dataDir }),
  ]);
  expect(new Set(answers.map(({ generation }) => generation)).size).toBe(1);
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
  if (!linux) return;
  await until(() => processesWith(`--data-dir\0${dataDir}\0`).length === 1);
  await stopEngine(dataDir);
  await until(() => processesWith(`--data-dir\0${dataDir}\0`).length === 0);
});

test.runIf(sandbox.works)('killing any client ends no session', { timeout: 90_000 }, async () => {
  const dataDir = temporaryDir();
  stopAfterTest(dataDir);
  const clients = [
    new Fixture('engine-client.ts', [dataDir, 'session']),
    new Fixture('engine-client.ts', [dataDir, 'session']),
  ];
  const answers = await Promise.all(clients.map((client) => client.line<Client>()));
  for (const client of clients) await client.kill('SIGKILL');
  const engine = await ensured(dataDir);
  expect(engine.generation).toBe(answers[0]?.generation);
  expect(engine.live).toBe(2);
  for (const { sessionId } of answers) {
    expect(await status(engine, sessionId)).toBe('READY');
    const { stream = [] } = await dataClient(engine).send(
      new InvokeCodeInterpreterCommand({
        ...interpreter,
        sessionId,
        name: 'executeCode',
        arguments: { language: 'python', code: '6 * 7' },
      }),
    );
    for await (const event of stream) expect(event.result?.structuredContent?.stdout).toBe('42');
  }
});

test.runIf(sandbox.works && linux)(
  'SIGKILL of the engine leaves no process, and the next one marks its sessions ended',
  { timeout: 90_000 },
  async () => {
    const mounts = readFileSync('/proc/self/mounts', 'utf8');
    const dataDir = temporaryDir();
    const engine = await ensured(dataDir);
    const client = dataClient(engine);
    const { sessionId } = await client.send(new StartCodeInterpreterSessionCommand(interpreter));
    await client.send(
      new InvokeCodeInterpreterCommand({
        ...interpreter,
        sessionId,
        name: 'executeCommand',
        arguments: { command: 'sleep 1000 & setsid sleep 1000 & echo' },
      }),
    );
    const left = descendants(engine.pid);
    expect(left.length).toBeGreaterThan(2);
    const before = readdirSync(dataDir).sort();

    process.kill(engine.pid, 'SIGKILL');
    await until(() => left.every((pid) => !runs(pid)));

    const next = await ensured(dataDir);
    expect(next.generation).not.toBe(engine.generation);
    expect(next.url, 'exported addresses stay valid').toBe(engine.url);
    expect(next.live).toBe(0);
    expect(await status(next, sessionId)).toBe('TERMINATED');
    expect(readdirSync(dataDir).sort()).toEqual(before);
    expect(readFileSync('/proc/self/mounts', 'utf8')).toBe(mounts);
  },
);

test.runIf(sandbox.works && linux)(
  'SIGKILL of the engine while clients start sessions leaves neither processes nor files, and no session is lost',
  { timeout: 120_000 },
  async () => {
    const [dataDir, tmp] = [temporaryDir(), temporaryDir()];
    vi.stubEnv('TMPDIR', tmp);
    onTestFinished(() => void vi.unstubAllEnvs());
    const engine = await ensured(dataDir);
    const before = readdirSync(dataDir).sort();
    const seconds = `40000.${Date.now()}`;
    const sleepers = `sleep ${seconds} & setsid sleep ${seconds} & echo`;
    const acknowledged: string[] = [];
    const load = Array.from({ length: 3 }, async () => {
      const client = dataClient(engine);
      for (;;) {
        const { sessionId = '' } = await client.send(new StartCodeInterpreterSessionCommand(interpreter));
        acknowledged.push(sessionId);
        const command = { name: 'executeCommand', arguments: { command: sleepers } } as const;
        await client.send(new InvokeCodeInterpreterCommand({ ...interpreter, sessionId, ...command }));
      }
    });
    const cutOff = Promise.allSettled(load);
    await until(() => acknowledged.length >= 8 && processesWith(`sleep\0${seconds}`).length >= 8);

    process.kill(engine.pid, 'SIGSTOP');
    const left = descendants(engine.pid);
    expect(left.length).toBeGreaterThan(2 * 8);
    process.kill(engine.pid, 'SIGKILL');
    await cutOff;
    await until(() => left.every((pid) => !runs(pid)));
    expect(processesWith(`sleep\0${seconds}`)).toEqual([]);
    // Of sandboxes that were starting, what the first sandbox from a minute later on removes.
    const doors = readdirSync(tmp);
    expect(doors.filter((name) => !name.startsWith('agentcore-door-'))).toEqual([]);
    for (const name of doors) utimesSync(join(tmp, name), 0, 0);

    const next = await ensured(dataDir);
    expect(next.live).toBe(0);
    for (const sessionId of acknowledged) expect(await status(next, sessionId), sessionId).toBe('TERMINATED');
    expect(readdirSync(dataDir).sort()).toEqual(before);
    await dataClient(next).send(new StartCodeInterpreterSessionCommand(interpreter));
    expect(readdirSync(tmp)).toEqual([]);
  },
);

test('SIGKILL of the engine under load loses nothing it acknowledged', { timeout: 120_000 }, async () => {
  const dataDir = temporaryDir();
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const host = new Fixture('engine-load.ts', [dataDir]);
    await host.line();
    const engine = await until(() => findEngine(dataDir));
    const client = dataClient(engine);
    let up = true;
    const load = Array.from({ length: 8 }, async (_, lane) => {
      for (let n = 0; up; n++) {
        const name = `r${round}l${lane}n${n}`;
        await client.send(new StartCodeInterpreterSessionCommand({ ...interpreter, name })).then(
          () => acknowledged.push(name),
          () => {
            up = false;
          },
        );
      }
    });
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 20 + Math.random() * 60);
    await host.kill('SIGKILL');
    await Promise.all(load);
  }
  const host = new Fixture('engine-load.ts', [dataDir]);
  await host.line();
  const engine = await until(() => findEngine(dataDir));
  const client = dataClient(engine);
  expect(acknowledged.length).toBeGreaterThan(60);
  for (const sessionId of acknowledged) {
    await client.send(new GetCodeInterpreterSessionCommand({ ...interpreter, sessionId }));
  }
});

test('an engine nobody uses exits and takes its record along', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  const engine = await ensured(dataDir, { idleSeconds: 1 });
  await until(() => !runs(engine.pid));
  expect(readRecord(dataDir)).toBeUndefined();
  expect(readFileSync(join(dataDir, 'engine.log'), 'utf8')).toContain('not used for 1 s');
});

test.runIf(linux)('SIGHUP leaves it alone, SIGTERM ends it in order', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  const { pid } = await ensured(dataDir);
  process.kill(pid, 'SIGHUP');
  expect(await ensured(dataDir)).toMatchObject({ pid });
  process.kill(pid, 'SIGTERM');
  await gone(dataDir);
  await until(() => !runs(pid));
  const kept = ['engine.db', 'engine.lock', 'engine.log', 'logs', 'master.key', 'objects'];
  expect(readdirSync(dataDir).sort()).toEqual(kept);
});

test.runIf(process.platform !== 'win32')('only the owner can read what it keeps', async () => {
  const dataDir = join(temporaryDir(), 'made', 'by the engine');
  await ensured(dataDir);
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(dataDir)) {
    const stat = statSync(join(dataDir, name));
    expect(stat.mode & 0o777, name).toBe(stat.isDirectory() ? 0o700 : 0o600);
  }
  expect(readdirSync(dataDir)).toEqual(
    expect.arrayContaining(['engine.json', 'engine.log', 'master.key', 'engine.db']),
  );
});

test.runIf(linux)('it inherits neither the environment’s credentials nor its folder', async () => {
  const dataDir = temporaryDir();
  stopAfterTest(dataDir);
  const secret = 'wJalrXUtnFEMIKZMDENG';
  const env = {
    ...process.env,
    AWS_SECRET_ACCESS_KEY: secret,
    GITHUB_TOKEN: secret,
    NODE_OPTIONS: '--no-warnings',
  };
  const { pid } = await new Fixture('engine-client.ts', [dataDir], { env }).line<Client>();
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
  expect(environment).toContain('PATH=');
  expect(environment).not.toMatch(new RegExp(`${secret}|NODE_OPTIONS`));
  expect(execFileSync('readlink', [`/proc/${pid}/cwd`], { encoding: 'utf8' }).trim()).toBe('/');
});

test.runIf(linux)('it looks for Python where whoever starts it does', async () => {
  const dataDir = temporaryDir();
  stopAfterTest(dataDir);
  const env = { ...process.env, AGENTCORE_MCP_PYTHON_HOME: 'py' };
  const { pid } = await new Fixture('engine-client.ts', [dataDir], { env }).line<Client>();
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  expect(environment).toContain(`AGENTCORE_MCP_PYTHON_HOME=${join(process.cwd(), 'py')}`);
});

test('a data directory that cannot be had is refused with what to do', async () => {
  const file = join(temporaryDir(), 'a file');
  writeFileSync(file, '');
  for (const dataDir of [file, join(file, 'below')]) {
    await expect(ensureEngine({ dataDir })).rejects.toThrow(
      `The data directory ${dataDir} cannot be written (${dataDir === file ? 'EEXIST' : 'ENOTDIR'}). Choose another one`,
    );
  }
});

test.runIf(root)('a data directory of another user is refused with what to do', async () => {
  const dataDir = temporaryDir();
  const stranger = new Fixture('engine-client.ts', [dataDir], { uid: 65_534 });
  expect(await stranger.ended).toMatchObject({ code: 1 });
  expect(stranger.stderr).toContain(
    `The data directory ${dataDir} cannot be written (EACCES). Choose another one`,
  );
});

test('what keeps an engine from starting is quoted from its log', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  writeFileSync(join(dataDir, 'engine.db'), 'no database at all '.repeat(100));
  await expect(ensureEngine({ dataDir })).rejects.toThrow(
    /^The engine ended while starting \(exit code 1\)\. The end of its log, .*engine\.log:\nThe database .*engine\.db: .* move the file away/,
  );
  expect(readRecord(dataDir)).toBeUndefined();
});

test('a store of a newer program is refused by name', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  const store = openStore(join(dataDir, 'engine.db'));
  store.db.exec("UPDATE migrations SET version = 99, program = '7.7.7' WHERE owner = 'store'");
  store.close();
  await expect(ensureEngine({ dataDir })).rejects.toThrow(
    /written by agentcore-mcp 7\.7\.7.*Update agentcore-mcp/,
  );
});

test('an engine that hangs is named, and the caller does not hang with it', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  const { pid } = await ensured(dataDir);
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(ensureEngine({ dataDir, startTimeoutMs: 2_000 })).rejects.toThrow(
      new RegExp(`No engine answered .* within 2 s\\. If process ${pid} is an engine that hangs, end it`),
    );
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect(await ensureEngine({ dataDir })).toMatchObject({ pid });
});

test('faults outside of any request are logged and survived', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  const host = new Fixture('engine-load.ts', [dataDir]);
  await host.line();
  const engine = await until(() => findEngine(dataDir));
  const client = dataClient(engine);
  const { StopCodeInterpreterSessionCommand } = await import('@aws-sdk/client-bedrock-agentcore');
  await client.send(new StopCodeInterpreterSessionCommand({ ...interpreter, sessionId: 'x' }));
  await until(() => host.stderr.includes('a fault long after') && host.stderr.includes('nobody awaits'));
  await client.send(new StartCodeInterpreterSessionCommand({ ...interpreter, name: 'still-here' }));
  host.process.kill('SIGTERM');
  expect(await host.ended).toEqual({ code: 0, signal: null });
});

test('a second engine in the foreground says who has the data directory', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  await ensured(dataDir);
  const host = new Fixture('engine-load.ts', [dataDir]);
  expect(await host.ended).toMatchObject({ code: 75 });
  expect(host.stderr).toBe(
    `Another engine is running on the data directory ${dataDir}. Use that one, or end it first.\n`,
  );
});

test('an engine in the foreground says in one line of JSON that it is ready, and leaves nothing of a temporary directory', async () => {
  const host = new Fixture('engine-load.ts', []);
  const ready = await host.line<Record<string, unknown>>();
  expect(ready).toMatchObject({
    ready: true,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    auth: 'sigv4',
  });
  const dataDir = String(ready.dataDir);
  expect(await findEngine(dataDir)).toMatchObject({ url: ready.url, pid: host.process.pid });
  host.process.kill('SIGINT');
  expect(await host.ended).toEqual({ code: 0, signal: null });
  expect(existsSync(dataDir)).toBe(false);
  await expect(host.line(), 'nothing else is printed').rejects.toThrow(/ended without a line/);
});

test('a log that has grown long is set aside at the next start', { timeout: 60_000 }, async () => {
  const dataDir = temporaryDir();
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'engine.log'), 'x'.repeat(5_000_001));
  await ensured(dataDir);
  expect(statSync(join(dataDir, 'engine.log')).size).toBeLessThan(5_000);
  expect(existsSync(join(dataDir, 'engine.log.1'))).toBe(true);
});
