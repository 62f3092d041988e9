import { parseArgs } from 'node:util';
import type { LogLevel } from './log.ts';
import { runEngine } from './process/foreground.ts';
import { takeSettings } from './process/settings.ts';

// The entry of an engine process. Its arguments come from spawn.ts; people use the command line's `engine`.
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    'idle-seconds': { type: 'string' },
    'log-level': { type: 'string' },
  },
});

process.exitCode = await runEngine({
  ...takeSettings(process.env),
  detached: true,
  dataDir: values['data-dir'],
  idleSeconds: values['idle-seconds'] ? Number(values['idle-seconds']) : undefined,
  logLevel: values['log-level'] as LogLevel | undefined,
});
process.exit();
