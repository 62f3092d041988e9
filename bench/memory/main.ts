// Memory, measured:  npm run bench:memory -- [section ...] [--quick] [--write] [--json <file>]
import { runCommand } from '../harness/command.ts';

await runCommand({
  name: 'bench:memory',
  sections: {
    quality: async () => (await import('./sections/quality.ts')).quality,
    chinese: async () => (await import('./sections/chinese.ts')).chinese,
    speed: async () => (await import('./sections/speed.ts')).speed,
  },
});
