import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { ownCommand } from '../../platform/own-command.ts';

/** Why sandboxes do not work here, and what would mend it. */
export interface Diagnosis {
  reason: string;
  cure: string;
}

/** The oldest bubblewrap that can give a file system in memory a size. */
export const oldestBubblewrap = [0, 8] as const;

const SET_UP = `Run this in a terminal: ${ownCommand('setup')}`;

export const NO_BUBBLEWRAP: Diagnosis = { reason: 'bubblewrap (bwrap) is not installed', cure: SET_UP };

export const CLOSED: Diagnosis = {
  reason: 'the engine is being shut down',
  cure: 'Call again to start it anew.',
};

const TOO_MANY_FILES: Diagnosis = {
  reason: 'too many files are open',
  cure: 'End sessions, or raise the limit of open files (`ulimit -n`) for what starts the engine.',
};

export const WRONG_PLATFORM: Diagnosis = {
  reason: `code sandboxes need Linux on x64 or arm64; this is ${process.platform} on ${process.arch}`,
  cure: 'Run agentcore-mcp on such a Linux (a virtual machine or WSL 2 will do), or use `--backend aws`.',
};

export const NO_CHILD_LISTS: Diagnosis = {
  reason: 'this kernel does not tell which processes a process has started, so memory could not be limited',
  cure: 'Use a kernel built with CONFIG_PROC_CHILDREN, as those of the Linux distributions are.',
};

export const pythonMissing = (complaint: string): Diagnosis => ({
  reason: complaint.replace(/\.$/, ''),
  cure: SET_UP,
});

/** What bubblewrap's or the supervisor's last words mean. */
export async function diagnose(bwrap: string, complaint: string): Promise<Diagnosis> {
  if (/EMFILE|ENFILE/.test(complaint)) return TOO_MANY_FILES;
  const version = await tooOld(bwrap);
  if (version) {
    const reason = `bubblewrap ${version} is too old; ${oldestBubblewrap.join('.')} or newer is needed`;
    return {
      reason,
      cure: 'Install a newer bubblewrap package, from a newer release of the system if need be.',
    };
  }
  if (
    /^bwrap: .*(namespace|uid map|RTM_NEWADDR|Operation not permitted|Permission denied)/im.test(complaint)
  ) {
    return {
      reason: `this system does not let bubblewrap make namespaces (${complaint})`,
      cure: namespaceCure(),
    };
  }
  const isOrder = /cannot be (had|given)|Can't find source path/.test(complaint);
  const cure = isOrder ? 'Name another folder or port.' : SET_UP;
  return { reason: `a sandbox could not be started: ${complaint}`, cure };
}

/** The version of a bubblewrap that is too old. */
async function tooOld(bwrap: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(bwrap, ['--version'], { timeout: 5_000 }).catch(() => ({
    stdout: '',
  }));
  const [version, major, minor] = /(\d+)\.(\d+)[.\d]*/.exec(stdout) ?? [];
  const [oldestMajor, oldestMinor] = oldestBubblewrap;
  if (Number(major) > oldestMajor || Number(minor) >= oldestMinor) return undefined;
  return version;
}

/** Who forbids namespaces differs, and so does the way to allow them. */
function namespaceCure(): string {
  const setting = (name: string) => {
    try {
      return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1')
    return 'Give bwrap an AppArmor profile with `userns,`, or run `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`.';
  if (setting('kernel/unprivileged_userns_clone') === '0')
    return 'Run `sudo sysctl kernel.unprivileged_userns_clone=1`.';
  if (setting('user/max_user_namespaces') === '0') return 'Run `sudo sysctl user.max_user_namespaces=10000`.';
  return 'In a container, start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined` (as root inside also `--cap-add SYS_ADMIN --cap-add NET_ADMIN`).';
}
