import { defineConfig } from 'vitest/config';

/** The tests of this folder on their own, for a user who may write nowhere in the project. */
export default defineConfig({
  test: {
    include: ['test/engine/sandbox/*.test.ts'],
    // Deno is fetched into the project.
    exclude: ['test/engine/sandbox/deno.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
