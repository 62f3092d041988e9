import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Mount } from './mounts.ts';

/** A Python of this machine, as it describes itself. Paths are those of the host, without links. */
export interface Installation {
  /** E.g. `3.12.1`. */
  version: string;
  basePrefix: string;
  /** The interpreter itself, also where a virtual environment was asked. */
  baseExecutable: string;
  /** Whether it is linked to a library at a fixed path. */
  shared: boolean;
}

const FACTS = `
import json, os, sys, sysconfig
print(json.dumps({
  "version": "%d.%d.%d" % sys.version_info[:3],
  "basePrefix": os.path.realpath(sys.base_prefix),
  "baseExecutable": os.path.realpath(sys.executable),
  "shared": bool(sysconfig.get_config_var("Py_ENABLE_SHARED")),
}))`;

/**
 * Runs an interpreter once to see what it is.
 * @throws Error of execFile where it does not run.
 */
export async function inspectPython(executable: string, env: NodeJS.ProcessEnv = {}): Promise<Installation> {
  const { stdout } = await promisify(execFile)(executable, ['-I', '-c', FACTS], { env, timeout: 30_000 });
  return JSON.parse(stdout) as Installation;
}

/** An installation as a sandbox finds it, at `base` unless it cannot be moved there. */
export interface Placed {
  version: string;
  base: string;
  executable: string;
  mounts: Mount[];
}

export function place(installation: Installation, base: string): Placed {
  const { basePrefix, baseExecutable, shared, version } = installation;
  const isOfSystem = isUnder(basePrefix, '/usr');
  // Python finds its own folder wherever it is, unless it was linked to a library at a fixed path.
  const place = shared || isOfSystem ? basePrefix : base;
  const executable = baseExecutable.startsWith(`${basePrefix}/`)
    ? join(place, baseExecutable.slice(basePrefix.length))
    : join(place, 'bin', basename(baseExecutable));
  const mounts: Mount[] = isOfSystem ? [] : [{ kind: 'bind', source: basePrefix, target: place }];
  return { version, base: place, executable, mounts };
}

/** A virtual environment in a folder of the sandbox, without packages: its interpreter sees none of the installation's either. */
export function emptyEnvironment(folder: string, { base, executable, version }: Placed): Mount[] {
  const settings = `home = ${join(base, 'bin')}\ninclude-system-site-packages = false\nversion = ${version}\n`;
  return [
    { kind: 'link', to: executable, target: join(folder, 'bin', 'python') },
    { kind: 'link', to: 'python', target: join(folder, 'bin', 'python3') },
    { kind: 'file', content: settings, target: join(folder, 'pyvenv.cfg') },
  ];
}

const isUnder = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
