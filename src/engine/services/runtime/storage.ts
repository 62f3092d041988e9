import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Clock } from '../../clock.ts';
import type { Mount } from '../../sandbox/mounts.ts';
import type { Scope } from '../../service.ts';
import { foldersBelow } from './folders.ts';
import { watchSize } from './storage-size.ts';
import type { Target } from './target.ts';

/** As on AWS. */
const RETENTION_MS = 14 * 24 * 3600 * 1000;

/**
 * The folders that sessions keep when their compute ends:
 * `session-storage/<account>/<region>/<runtime>/<endpoint>/<session>/<version>/<mount>`.
 */
export class SessionStorage {
  readonly #root: string;
  readonly #clock: Clock;

  constructor(dataDir: string, clock = new Clock()) {
    this.#root = join(dataDir, 'session-storage');
    this.#clock = clock;
  }

  /** What a session finds of its storage; what an earlier version of the runtime left is gone, as on AWS. */
  async mounts(target: Target, sessionId: string): Promise<Mount[]> {
    const { version, storageMounts } = target.config;
    if (storageMounts.length === 0) return [];
    const session = this.#folder(target, sessionId);
    await mkdir(join(session, version), { recursive: true, mode: 0o700 });
    for (const name of await readdir(session)) {
      if (name !== version) await rm(join(session, name), { recursive: true, force: true });
    }
    await this.touch(target, sessionId);
    return Promise.all(
      storageMounts.map(async (mountPath): Promise<Mount> => {
        const source = join(session, version, mountPath.split('/').filter(Boolean).join('-'));
        await mkdir(source, { recursive: true });
        return { kind: 'bind', source, target: mountPath.replace(/\/$/, ''), writable: true };
      }),
    );
  }

  /** Tells `onExcess` when a session keeps more than it may, until `signal` aborts. */
  async watch(
    target: Target,
    sessionId: string,
    signal: AbortSignal,
    onExcess: (reason: string) => void,
  ): Promise<void> {
    if (target.config.storageMounts.length === 0) return;
    await watchSize(this.#folder(target, sessionId), signal, onExcess);
  }

  /** Says that a session is in use. */
  async touch(target: Target, sessionId: string): Promise<void> {
    if (target.config.storageMounts.length === 0) return;
    const now = new Date(this.#clock.now());
    await utimes(this.#folder(target, sessionId), now, now);
  }

  /** Removes what all sessions of a runtime kept. */
  async remove(scope: Scope, runtimeId: string): Promise<void> {
    await rm(this.#runtime(scope, runtimeId), { recursive: true, force: true });
  }

  /** Removes what no session has used for too long. */
  async sweep(now = this.#clock.now()): Promise<void> {
    for (const session of await foldersBelow(this.#root, 5)) {
      const { mtimeMs } = await stat(session);
      if (mtimeMs < now - RETENTION_MS) await rm(session, { recursive: true, force: true });
    }
  }

  #folder({ scope, runtimeId, endpoint }: Target, sessionId: string): string {
    const session = createHash('sha256').update(sessionId).digest('hex').slice(0, 40);
    return join(this.#runtime(scope, runtimeId), endpoint, session);
  }

  #runtime({ account, region }: Scope, runtimeId: string): string {
    return join(this.#root, account, region, runtimeId);
  }
}
