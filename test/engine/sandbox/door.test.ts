import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Door } from '../../../src/engine/sandbox/door.ts';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import type { Sandbox, SandboxSpec } from '../../../src/engine/sandbox/sandbox.ts';
import { temporaryDir } from '../../support/temporary.ts';
import { describeSandbox, PATIENT, sandboxes } from './support.ts';

const doors = () => readdirSync(tmpdir()).filter((name) => name.startsWith('agentcore-door-'));

async function started(spec: SandboxSpec): Promise<Sandbox> {
  const sandbox = await sandboxes.start('door', spec);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** What Python prints in a sandbox, with a function that says something at the door and returns what is answered. */
async function python(sandbox: Sandbox, code: string): Promise<string> {
  const prelude = `
import os, socket, time
DOOR = "/opt/agentcore/door"
def knock(words):
    caller = socket.socket(socket.AF_UNIX); caller.settimeout(30); caller.connect(DOOR)
    caller.sendall(words if isinstance(words, bytes) else words.ljust(39).encode() + b"\\n")
    try: return caller.recv(100)
    except ConnectionResetError: return b""
def attempt(action):
    try: return f"allowed {action()}"
    except OSError as error: return type(error).__name__
`;
  const program = await sandbox.spawn(['python', '-c', prelude + code]);
  let printed = '';
  for await (const { data } of program.output) printed += data;
  return printed.trim();
}

const hi: SandboxSpec = { outlets: { 4510: (socket) => void socket.end('hi') } };
const listen = ['python', '-m', 'http.server', '8080', '--bind', '127.0.0.1'];

async function reach(sandbox: Sandbox): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const connection = await sandbox.connect(8080).catch(async (error: Error) => {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    if (!connection) continue;
    connection.end('GET / HTTP/1.0\r\n\r\n');
    return (await text(connection)).slice(0, 15);
  }
}

describeSandbox('at its door, the code in a sandbox', () => {
  it('gets what its outlets give it anyway, and nothing for anything else it says', async () => {
    const sandbox = await started(hi);
    const said = [
      '"outlet 4510"',
      '"outlet 4511"',
      '"outlet __proto__"',
      '"outlet constructor"',
      `"ticket ${'0'.repeat(32)}"`,
      '"ticket"',
      '""',
      'os.urandom(1000)',
      'b"GET / HTTP/1.1\\r\\n" * 10',
    ];
    const answers = await python(sandbox, `print([knock(words) for words in (${said.join(', ')})])`);
    expect(answers).toBe(
      `[b'hi', ${Array(said.length - 1)
        .fill("b''")
        .join(', ')}]`,
    );
  });

  it('is not listened to for long when it says nothing', async () => {
    const sandbox = await started(hi);
    expect(
      await python(sandbox, 'started = time.time(); print(knock(b"outlet"), time.time() - started < 20)'),
    ).toBe("b'' True");
  });

  it('cannot replace it, nor see where it comes from', async () => {
    const sandbox = await started(hi);
    const actions = [
      'os.unlink(DOOR)',
      'os.rename(DOOR, "/workspace/door")',
      'os.rename("/opt/agentcore", "/opt/other")',
      'os.chmod(DOOR, 0)',
      'os.symlink("/etc/passwd", "/opt/agentcore/other")',
      'socket.socket(socket.AF_UNIX).bind(DOOR)',
      'os.link(DOOR, "/workspace/door")',
    ];
    const answers = await python(
      sandbox,
      actions.map((action) => `print(attempt(lambda: ${action}))`).join('\n'),
    );
    expect(answers).not.toContain('allowed');
    expect(answers.split('\n')).toHaveLength(actions.length);
    const where = `
source = next(line.split()[3] for line in open("/proc/self/mountinfo") if line.split()[4] == DOOR)
print(os.path.exists(os.path.dirname(source.split("//")[0])), os.listdir("/tmp"), os.listdir("/opt/agentcore").count("door"))`;
    expect(await python(sandbox, where)).toBe('False [] 1');
  });

  it('harms only itself when it floods it', async () => {
    const [sandbox, other] = [await started(hi), await started(hi)];
    await Promise.all([sandbox, other].map((each) => each.spawn(listen)));
    const flood = await sandbox.spawn([
      'python',
      '-c',
      `
import socket, time
kept = []
print("flooding", flush=True)
while True:
    try:
        caller = socket.socket(socket.AF_UNIX); caller.settimeout(1); caller.connect("/opt/agentcore/door"); kept.append(caller)
    except OSError: kept = kept[100:]
`,
    ]);
    for await (const _ of flood.output) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await reach(other)).toBe('HTTP/1.0 200 OK');
    expect(await python(other, 'print(knock("outlet 4510"))')).toBe("b'hi'");
    expect((await sandbox.runCommand('echo alive', PATIENT)).stdout).toBe('alive\n');
    flood.kill();
    await flood.exited;
    expect(await reach(sandbox)).toBe('HTTP/1.0 200 OK');
  });
});

describe('a ticket', () => {
  const say = async (door: Door, line: string) => {
    const caller = connect((door.mount as { source: string }).source);
    await once(caller, 'connect');
    caller.write(`${line.padEnd(39)}\n`);
    return caller;
  };

  it('holds once, and only at its own door', async () => {
    const [door, other] = [await Door.open({}), await Door.open({})];
    const expected = door.expect();
    expect(await text(await say(other, `ticket ${expected.ticket}`))).toBe('');
    const caller = await say(door, `ticket ${expected.ticket}`);
    (await expected.arrival()).end('welcome');
    expect(await text(caller)).toBe('welcome');
    expect(await text(await say(door, `ticket ${expected.ticket}`))).toBe('');
    door.close('it is over');
    other.close('it is over');
  });

  it('holds no more once it was given back, or its door is closed', async () => {
    const door = await Door.open({});
    const { ticket, forget } = door.expect();
    forget();
    expect(await text(await say(door, `ticket ${ticket}`))).toBe('');
    const late = door.expect().arrival();
    door.close('it is over');
    await expect(late).rejects.toMatchObject({ code: 'ended' });
  });
});

describeSandbox('a door on the host', () => {
  const { TMPDIR } = process.env;
  afterEach(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });

  /** From here on temporary folders are made in a new, long-named one. */
  function moveTemporary(): string {
    const folder = join(temporaryDir(), 'long '.repeat(40));
    mkdirSync(folder);
    process.env.TMPDIR = folder;
    return folder;
  }

  it('is in no folder any more once its sandbox has started, however long the path was', async () => {
    moveTemporary();
    const sandbox = await started(hi);
    expect(doors()).toEqual([]);
    await sandbox.spawn(listen);
    expect(await reach(sandbox)).toBe('HTTP/1.0 200 OK');
    expect(await python(sandbox, 'print(knock("outlet 4510"))')).toBe("b'hi'");
    await sandbox.close();
    expect(doors()).toEqual([]);
  });

  it('is gone where a sandbox did not start', async () => {
    moveTemporary();
    await expect(sandboxes.start('x', { outlets: { 1: () => {} } })).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(
      sandboxes.start('x', { mounts: [{ kind: 'bind', source: '/nowhere', target: '/x' }] }),
    ).rejects.toThrow();
    expect(doors()).toEqual([]);
  });

  it('is swept away where an engine was killed before', async () => {
    const folder = moveTemporary();
    const left = join(folder, 'agentcore-door-abcdef');
    const recent = join(folder, 'agentcore-door-ghijkl');
    for (const each of [left, recent]) mkdirSync(each);
    utimesSync(left, new Date(Date.now() - 3_600_000), new Date(Date.now() - 3_600_000));
    const provider = createSandboxes({});
    await provider.start('sweeping');
    await provider.close();
    expect(doors()).toEqual(['agentcore-door-ghijkl']);
  });

  it('leaves nothing behind when the sandbox is still starting as everything is closed', async () => {
    moveTemporary();
    const own = createSandboxes({});
    const starting = own.start('late', {});
    starting.catch(() => {});
    await vi.waitUntil(() => doors().length > 0, { timeout: 20_000, interval: 1 });
    await own.close();
    expect(doors()).toEqual([]);
    await expect(starting).rejects.toThrow();
  });

  it('does not outlive an engine that is killed', async () => {
    moveTemporary();
    const index = new URL('../../../src/engine/sandbox/index.ts', import.meta.url).href;
    const code = `
      const sandbox = await (await import(${JSON.stringify(index)})).createSandboxes({}).start('x', { outlets: { 4510: () => {} } });
      await sandbox.spawn(['/bin/sleep', '1000']);
      process.kill(process.pid, 'SIGKILL');`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]).catch(() => {});
    expect(doors()).toEqual([]);
  });
});
