// Benchmarks:  npm run bench -- [section ...] [--quick] [--write] [--json <file>]
import { runCommand } from './harness/command.ts';

await runCommand({
  name: 'bench',
  sections: {
    start: async () => (await import('./sections/start.ts')).start,
    wire: async () => (await import('./sections/wire.ts')).wire,
    run_code: async () => (await import('./sections/run-code.ts')).runCode,
    sessions: async () => (await import('./sections/sessions.ts')).sessions,
    agents: async () => (await import('./sections/agents.ts')).agents,
    browse: async () => (await import('./sections/browse.ts')).browse,
    profile: async () => (await import('./sections/profile.ts')).profile,
  },
});
