import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/interop-python.ts'],
    setupFiles: ['test/support/compile-cache.ts'],
    // Node runs TypeScript itself, in less time.
    experimental: { viteModuleRunner: false },
    reporters: ['default', './test/support/summary.ts'],
    // What tests do not ask for would take the processors from them.
    env: { AGENTCORE_MCP_SPARES: '0' },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Many tests wait, for a deadline or a download: one worker more than there may be processors for them.
    maxWorkers: 3,
  },
});
