import { describe, test } from 'vitest';
import { createSandboxes } from '../../src/engine/sandbox/index.ts';

export const sandboxes = createSandboxes({});

const verdict = await sandboxes.probe();
if (!verdict.works) console.warn(`SKIPPED: tests that need a sandbox. ${verdict.reason}. ${verdict.cure}`);

/** A group of tests that needs sandboxes; skipped, with the reason on the console, where there can be none. */
export function describeSandbox(name: string, tests: () => void): void {
  describe.skipIf(!verdict.works)(name, tests);
}

/** A single test, likewise. */
export const testSandbox = test.skipIf(!verdict.works);
