import { afterAll, beforeAll } from 'vitest';
import type { CellOutcome, Limits, Outcome, Sandbox } from '../../../src/engine/sandbox/sandbox.ts';
import { describeSandbox, sandboxes } from '../../support/sandbox.ts';

export { describeSandbox, sandboxes };

export const PATIENT = { timeoutMs: 40_000 };

/** One sandbox for all tests of a group, with shorthands for what they do most. */
export function useSandbox(limits?: Partial<Limits>) {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await sandboxes.start('shared', { ...(limits ? { limits } : {}), kernel: true });
  });
  afterAll(() => sandbox.close());
  return {
    get sandbox() {
      return sandbox;
    },
    python: (code: string, options = PATIENT): Promise<CellOutcome> => sandbox.runCell({ code }, options),
    javascript: (code: string, options = PATIENT): Promise<CellOutcome> =>
      sandbox.runCell({ code, language: 'javascript' }, options),
    typescript: (code: string, options = PATIENT): Promise<CellOutcome> =>
      sandbox.runCell({ code, language: 'typescript' }, options),
    shell: (command: string, options = PATIENT): Promise<Outcome> => sandbox.runCommand(command, options),
  };
}

/** The value of a cell's last expression as text. */
export function resultOf(outcome: CellOutcome): string | undefined {
  return outcome.outputs.find(({ kind }) => kind === 'result')?.data['text/plain'];
}
