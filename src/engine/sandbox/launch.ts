import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex, Readable, Writable } from 'node:stream';
import { bubblewrapOptions } from './bubblewrap.ts';
import type { Launched } from './bubblewrap-sandbox.ts';
import { encodeFrame, FrameDecoder } from './channel.ts';
import { DOOR, Door } from './door.ts';
import { fontMounts } from './fonts.ts';
import type { JavaScript } from './javascript.ts';
import { javascriptKernels } from './javascript.ts';
import type { MemoryMount, Mount } from './mounts.ts';
import { HOME, identityMounts, systemMounts, WORKSPACE, writableMounts } from './mounts.ts';
import { giveFolder } from './ownership.ts';
import { wellFormed } from './program.ts';
import { INSIDE } from './programs.ts';
import type { Python } from './python.ts';
import { pythonEnvironment } from './python.ts';
import type { Limits, SandboxSpec } from './sandbox.ts';
import { SandboxError } from './sandbox.ts';
import { SandboxProcess } from './sandbox-process.ts';
import { type Architecture, seccompFilter } from './seccomp.ts';

/** The user's id in a user namespace. */
const NAMESPACE_UID = 1000;
const START_DEADLINE_MS = 20_000;
const MAX_COMPLAINTS = 4096;

/** The file descriptors bubblewrap starts with, besides the three standard ones. */
const FD = { options: 3, seccomp: 4, info: 5, channel: 6, firstFile: 7 };

export interface LaunchSettings {
  /** Path of the bubblewrap program. */
  bwrap: string;
  arch: Architecture;
  python: Python;
  javascript: JavaScript;
  limits: Limits;
  spec: SandboxSpec;
  /** The ordinary user to become inside, when this process is root. */
  dropTo?: number;
}

/**
 * Starts bubblewrap with a supervisor in it, and waits until that reports.
 * @throws SandboxError `unavailable` with what bubblewrap or the supervisor wrote when it does not.
 */
export async function launch(settings: LaunchSettings): Promise<Launched> {
  const { limits, spec, dropTo } = settings;
  for (const mount of spec.mounts ?? [])
    if (mount.kind === 'bind' && mount.writable && dropTo !== undefined)
      await giveFolder(mount.source, dropTo);
  const door = await Door.open(spec.outlets ?? {});
  try {
    const mounts = [...(await mountsOf(settings)), door.mount];
    const memoryFolders = mounts.filter(isMemory).map(({ target }) => target);
    const process = await start(settings, mounts, memoryFolders);
    void process.ended.then((reason) => door.close(reason));
    door.hide();
    return {
      process,
      door,
      limits,
      memoryFolders,
      kernel: spec.kernel ?? false,
      lack: settings.javascript.lack,
    };
  } catch (error) {
    door.close('it did not start');
    throw error;
  }
}

async function mountsOf({ python, javascript, limits, spec, dropTo }: LaunchSettings): Promise<Mount[]> {
  return [
    ...writableMounts(limits),
    ...systemMounts(),
    ...identityMounts(dropTo ?? NAMESPACE_UID),
    ...(spec.installs ? await python.installingMounts(limits.diskBytes) : python.mounts),
    ...fontMounts(python.environment),
    ...(spec.mounts ?? []),
    ...python.programs,
    ...javascript.mounts,
  ];
}

const isMemory = (mount: Mount): mount is MemoryMount => mount.kind === 'memory';

async function start(
  { bwrap, arch, python, javascript, limits, spec, dropTo }: LaunchSettings,
  mounts: readonly Mount[],
  memoryFolders: readonly string[],
): Promise<SandboxProcess> {
  const { options, files } = bubblewrapOptions(
    {
      mounts,
      environment: pythonEnvironment(HOME, spec.installs),
      privileges: dropTo === undefined ? { kind: 'namespace', uid: NAMESPACE_UID } : { kind: 'root' },
    },
    FD,
  );
  const child = startBubblewrap(bwrap, supervisorCommand(python), files.length);
  // Out of descriptors, a child comes without any of its streams.
  if (!child.stdio) throw new SandboxError('unavailable', String((await once(child, 'error'))[0]));
  give(child, FD.options, options.map((option) => `${option}\0`).join(''));
  give(child, FD.seccomp, seccompFilter(arch));
  for (const [index, content] of files.entries()) give(child, FD.firstFile + index, content);
  const channel = child.stdio[FD.channel] as Duplex;
  channel.on('error', () => {});
  // What a sandbox is asked for is for the code in it, and must not reach the supervisor before it has shut itself off.
  const settings = {
    ...limits,
    uid: dropTo,
    writable: memoryFolders,
    environment: wellFormed(spec.environment ?? {}),
    workingDirectory: spec.workingDirectory ?? WORKSPACE,
    kernel: spec.kernel ?? false,
    runtimes: runtimes(python, javascript, limits),
    door: DOOR,
    outlets: Object.keys(spec.outlets ?? {}).map(Number),
  };
  for (const part of encodeFrame(settings)) channel.write(part);
  const complaints = collect(child.stderr as Readable);
  const pid = await started(child, channel, complaints);
  return new SandboxProcess(child, pid, channel, complaints);
}

const supervisorCommand = (python: Python) => [
  python.baseExecutable,
  ...['-E', '-s', '-S', `${INSIDE}/supervisor.pyc`],
  String(FD.channel),
];

/** What runs cells, as the supervisor wants to know it. */
function runtimes(python: Python, javascript: JavaScript, limits: Limits) {
  const pythonKernel = [python.executable, '-X', 'faulthandler', '-u', `${INSIDE}/kernel.py`];
  return {
    python: { name: 'Python', command: pythonKernel, told: false, reserved: 0 },
    ...javascriptKernels(javascript, limits),
  };
}

function startBubblewrap(bwrap: string, command: readonly string[], files: number): ChildProcess {
  return spawn(bwrap, ['--args', String(FD.options), '--', ...command], {
    // Everything inside can read the environment bubblewrap itself was started with.
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', ...Array<'pipe'>(FD.firstFile - FD.options + files).fill('pipe')],
  });
}

/** Writes to a descriptor of the child. A child that ends before it has read everything says why on stderr. */
function give(child: ChildProcess, descriptor: number, content: string | Uint8Array): void {
  const stream = child.stdio[descriptor] as Writable;
  stream.on('error', () => {});
  stream.end(content);
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-MAX_COMPLAINTS);
  });
  return () => text.trim();
}

/** The pid of the sandbox's first process, once its supervisor has reported. */
async function started(child: ChildProcess, channel: Duplex, complaints: () => string): Promise<number> {
  let deadline: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    const fail = (reason: string) => reject(new SandboxError('unavailable', complaints() || reason));
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`bubblewrap ended with exit code ${code}`));
    deadline = setTimeout(() => fail('the sandbox did not start in time'), START_DEADLINE_MS);
  });
  try {
    await Promise.race([ready(channel), failed]);
    return await Promise.race([firstPid(child), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(deadline);
    failed.catch(() => {});
  }
}

async function firstPid(child: ChildProcess): Promise<number> {
  let text = '';
  for await (const chunk of child.stdio[FD.info] as Readable) text += chunk;
  return (JSON.parse(text) as { 'child-pid': number })['child-pid'];
}

function ready(channel: Duplex): Promise<void> {
  const decoder = new FrameDecoder();
  return new Promise((resolve) => {
    const onData = (chunk: Buffer) => {
      for (const { head } of decoder.feed(chunk)) {
        if (head.ready) {
          channel.off('data', onData);
          resolve();
        }
      }
    };
    channel.on('data', onData);
  });
}
