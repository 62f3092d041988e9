import { z } from 'zod';
import { oneOf, toggle, value, wholeNumber } from '../options.ts';
import { defineCommand } from './command.ts';

const group = 'Engine';

export const command = defineCommand({
  options: z.object({
    port: value(wholeNumber(0, 65_535), {
      group,
      flagOnly: true,
      description: 'Port on 127.0.0.1; 0 takes a free one. Unset: the one this data directory had last.',
    }),
    ephemeral: toggle({
      group,
      flagOnly: true,
      description: 'Keep everything in a temporary folder that is removed at the end.',
    }),
    auth: value(oneOf(['sigv4', 'none']), {
      group,
      flagOnly: true,
      default: 'sigv4',
      description: '`none` lets in every program of this machine, but no web page. For test rigs.',
    }),
  }),

  async run({ config, options: { port, ephemeral, auth } }) {
    const { runEngine } = await import('../engine/process/foreground.ts');
    const { dataDir, logLevel } = config;
    return runEngine({ dataDir: ephemeral ? undefined : dataDir, port, auth, logLevel });
  },
});
