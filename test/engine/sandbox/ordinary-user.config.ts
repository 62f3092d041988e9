import { defineConfig } from 'vitest/config';

/** The tests of this folder on their own, for a user who may write nowhere in the project. */
export default defineConfig({
  test: {
    include: ['test/engine/sandbox/*.test.ts'],
    // Deno is fetched into the project; and what code means and prints, what pip installs, and how many spares there are, is the same for every user.
    exclude: [
      'deno',
      'javascript',
      'javascript-endings',
      'cells',
      'interruptions',
      'overflow',
      'packages',
      'spares',
    ].map((name) => `test/engine/sandbox/${name}.test.ts`),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
