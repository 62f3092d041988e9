import type { Mount } from './mounts.ts';

/** What bubblewrap is to build. */
export interface BubblewrapSpec {
  mounts: readonly Mount[];
  environment: Readonly<Record<string, string>>;
  /**
   * The user inside. `namespace` gives an ordinary user a user namespace; `root` mounts as root and leaves the command
   * exactly the capabilities it needs to become another user.
   */
  privileges: { kind: 'namespace'; uid: number } | { kind: 'root' };
}

/** The file descriptors that bubblewrap inherits. The contents of files are read from `firstFile` upwards. */
export interface BubblewrapDescriptors {
  seccomp: number;
  info: number;
  firstFile: number;
}

const ROOT_CAPABILITIES = ['CAP_CHOWN', 'CAP_SETGID', 'CAP_SETPCAP', 'CAP_SETUID'];

/**
 * The options of one bubblewrap run, and the contents to be written to its file descriptors. Options are meant for
 * `--args`: on the command line every process inside could read them.
 */
export function bubblewrapOptions(
  spec: BubblewrapSpec,
  descriptors: BubblewrapDescriptors,
): { options: string[]; files: (string | Uint8Array)[] } {
  const files: (string | Uint8Array)[] = [];
  const describe = (mount: Mount): string[] => {
    switch (mount.kind) {
      case 'bind':
        return [mount.writable ? '--bind' : '--ro-bind', mount.source, mount.target];
      case 'link':
        return ['--symlink', mount.to, mount.target];
      case 'folder':
        return ['--perms', mount.mode, '--dir', mount.target];
      case 'file':
        files.push(mount.content);
        return [
          ...['--perms', mount.executable ? '0555' : '0444'],
          ...['--file', String(descriptors.firstFile + files.length - 1), mount.target],
        ];
      case 'memory':
        return ['--perms', mount.mode, '--size', String(mount.bytes), '--tmpfs', mount.target];
    }
  };
  const made = new Set<string>();
  // Left to itself, bubblewrap makes some of the folders that it mounts in unreadable.
  const readableFolders = (target: string): string[] => {
    const folders = foldersAbove(target).filter((folder) => !made.has(folder));
    for (const folder of folders) made.add(folder);
    return folders.flatMap((folder) => ['--perms', '0755', '--dir', folder]);
  };
  const options = [
    ...namespaces(spec.privileges),
    // As the first process itself, the command is out of reach of what it starts; bubblewrap's own would not be.
    ...['--as-pid-1', '--die-with-parent', '--new-session', '--clearenv'],
    ...Object.entries(spec.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--dev', '/dev', '--proc', '/proc'],
    ...spec.mounts.flatMap((mount) => [...readableFolders(mount.target), ...describe(mount)]),
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
    ...['--chdir', '/'],
    ...['--seccomp', String(descriptors.seccomp), '--info-fd', String(descriptors.info)],
  ];
  return { options, files };
}

/** The folders above a path, outermost first. */
function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

function namespaces(privileges: BubblewrapSpec['privileges']): string[] {
  const common = ['--unshare-ipc', '--unshare-net', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'];
  const host = ['--hostname', 'sandbox'];
  if (privileges.kind === 'root') {
    return [
      ...common,
      ...host,
      '--cap-drop',
      'ALL',
      ...ROOT_CAPABILITIES.flatMap((name) => ['--cap-add', name]),
    ];
  }
  const id = String(privileges.uid);
  return [...common, ...host, '--unshare-user', '--uid', id, '--gid', id];
}
