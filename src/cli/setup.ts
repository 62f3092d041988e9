import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { toggle } from '../options.ts';
import { setUp } from '../setup/setup.ts';
import { defineCommand, say } from './command.ts';

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return !/^n/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

export const command = defineCommand({
  options: z.object({
    yes: toggle({ group: 'Set-up', flagOnly: true, description: 'Install system packages without asking.' }),
  }),

  /** Succeeds also where something stays missing: the server starts without it and says so. */
  async run({ options: { yes } }) {
    const canAsk = process.stdin.isTTY && process.stderr.isTTY && !yes;
    await setUp({ say, confirm: canAsk ? ask : undefined });
    return 0;
  },
});
