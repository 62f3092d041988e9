import { type Sandbox, SandboxError, type SandboxProvider } from '../../../../src/engine/sandbox/sandbox.ts';

/** Sandboxes in name only, for faults that real ones do not show on demand. */
export class FakeSandboxes implements SandboxProvider {
  /** The ids of those that are open. */
  readonly open = new Set<string>();
  /** What each start waits for. */
  gate: Promise<void> = Promise.resolve();
  /** Whether running something ends the sandbox; otherwise it fails. */
  endsWhenUsed = false;
  /** What closing one waits for. */
  closing = async (): Promise<void> => {};
  readonly #end = new Map<string, (reason: string) => void>();

  /** Ends one as if it had crashed. */
  crash(id: string, reason: string): void {
    this.open.delete(id);
    this.#end.get(id)?.(reason);
  }

  async probe() {
    return { works: true, tier: 'fake' } as const;
  }

  async start(id: string): Promise<Sandbox> {
    await this.gate;
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    this.open.add(id);
    this.#end.set(id, resolve);
    const unsupported = async () => {
      if (!this.endsWhenUsed) throw new Error('A fake sandbox runs nothing.');
      this.crash(id, 'it was used');
      throw new SandboxError('ended', 'It has ended.');
    };
    return {
      id,
      ended,
      runCell: unsupported,
      preload: () => Promise.resolve(),
      runCommand: unsupported,
      spawn: unsupported,
      connect: unsupported,
      readFile: unsupported,
      writeFile: unsupported,
      listFiles: unsupported,
      removeFile: unsupported,
      close: async () => {
        this.crash(id, 'it was closed');
        await this.closing();
      },
    };
  }

  async close(): Promise<void> {
    for (const id of this.open) this.crash(id, 'all were closed');
  }
}
