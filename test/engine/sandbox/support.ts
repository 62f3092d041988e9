import { afterAll, beforeAll, describe } from 'vitest';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import type { CellOutcome, Limits, Outcome, Sandbox } from '../../../src/engine/sandbox/sandbox.ts';

export const sandboxes = createSandboxes({});

const verdict = await sandboxes.probe();
if (!verdict.works) console.warn(`SKIPPED: tests of the sandbox. ${verdict.reason}. ${verdict.cure}`);

/** A group of tests that needs sandboxes; skipped, with the reason on the console, where there can be none. */
export function describeSandbox(name: string, tests: () => void): void {
  describe.skipIf(!verdict.works)(name, tests);
}

export const PATIENT = { timeoutMs: 40_000 };

/** One sandbox for all tests of a group, with shorthands for what they do most. */
export function useSandbox(limits?: Partial<Limits>) {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await sandboxes.start('shared', limits);
  });
  afterAll(() => sandbox.close());
  return {
    get sandbox() {
      return sandbox;
    },
    python: (code: string, options = PATIENT): Promise<CellOutcome> => sandbox.runCell({ code }, options),
    shell: (command: string, options = PATIENT): Promise<Outcome> => sandbox.runCommand(command, options),
  };
}

/** The value of a cell's last expression as text. */
export function resultOf(outcome: CellOutcome): string | undefined {
  return outcome.outputs.find(({ kind }) => kind === 'result')?.data['text/plain'];
}
