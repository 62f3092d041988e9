import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { toggle } from '../options.ts';
import { setUp } from '../setup/setup.ts';
import { defineCommand, say } from './command.ts';

const group = 'Set-up';

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
    yes: toggle({ group, flagOnly: true, description: 'Install system packages without asking.' }),
    optional: toggle({
      group,
      flagOnly: true,
      description:
        'Succeed also where sessions stay off, do not repeat within an hour what failed, and say nothing where nothing is missing.',
    }),
  }),

  /** @returns 1 when code or browser sessions stay off, unless they are optional: the server starts without them and says so. */
  async run({ options: { yes, optional } }) {
    const canAsk = process.stdin.isTTY && process.stderr.isTTY && !yes;
    const complete = await setUp({ say, confirm: canAsk ? ask : undefined, patient: optional });
    if (complete && !optional) say('Everything is installed.');
    return complete || optional ? 0 : 1;
  },
});
