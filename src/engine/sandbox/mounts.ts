import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Limits } from './sandbox.ts';

/** One thing a sandbox finds in its file system. What is bound is of the host, and can be written to only where it says so. */
export type Mount =
  | { kind: 'bind'; source: string; target: string; writable?: true }
  | { kind: 'link'; to: string; target: string }
  | { kind: 'folder'; target: string; mode: string }
  | { kind: 'file'; content: string | Uint8Array; target: string; executable?: boolean }
  | { kind: 'memory'; bytes: number; target: string; mode: string };

const MiB = 1024 ** 2;

export const WORKSPACE = '/workspace';
export const HOME = '/home/sandbox';
/** What the home directory starts with. */
export const SKELETON = '/etc/skel';

/** The name of the sandbox's one user. */
export const USER = 'sandbox';

/** The programs and libraries of the host, and of /etc what they need and what is no secret. */
export function systemMounts(): Mount[] {
  return [
    { kind: 'bind', source: '/usr', target: '/usr' },
    ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'].flatMap(asOnHost),
    ...HOST_SETTINGS.flatMap(asOnHost),
  ];
}

/** Links stay links, so that they lead to the sandbox's own copy; folders and files are bound. */
function asOnHost(path: string): Mount[] {
  if (!existsSync(path)) return [];
  if (lstatSync(path).isSymbolicLink()) return [{ kind: 'link', to: readlinkSync(path), target: path }];
  return [{ kind: 'bind', source: path, target: path }];
}

const HOST_SETTINGS = [
  '/etc/alternatives',
  '/etc/fonts',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/mime.types',
  '/etc/pki/ca-trust/extracted',
  '/etc/pki/tls/certs',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  // What is known of the fonts; without it each browser looks through them anew.
  '/var/cache/fontconfig',
];

/** A user and a host of the sandbox's own. */
export function identityMounts(uid: number): Mount[] {
  const file = (target: string, content: string): Mount => ({ kind: 'file', target, content });
  return [
    file(
      '/etc/passwd',
      `root:x:0:0:root:/root:/usr/sbin/nologin\n${USER}:x:${uid}:${uid}:${USER}:${HOME}:/bin/sh\n`,
    ),
    file('/etc/group', `root:x:0:\n${USER}:x:${uid}:\n`),
    file('/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n'),
    file('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    file('/etc/resolv.conf', ''),
    { kind: 'link', to: '/tmp', target: '/var/tmp' },
  ];
}

export type MemoryMount = Mount & { kind: 'memory' };

/** Every place a sandbox can write to by itself. All of it lives in memory and has a size. */
export function writableMounts(limits: Limits): MemoryMount[] {
  return [
    { kind: 'memory', target: '/tmp', bytes: Math.min(limits.diskBytes, 256 * MiB), mode: '1777' },
    { kind: 'memory', target: '/dev/shm', bytes: limits.sharedBytes, mode: '1777' },
    { kind: 'memory', target: HOME, bytes: 32 * MiB, mode: '0700' },
    { kind: 'memory', target: WORKSPACE, bytes: limits.diskBytes, mode: '0700' },
  ];
}
