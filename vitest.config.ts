import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/interop-python.ts'],
    reporters: ['default', './test/support/summary.ts'],
    // What tests do not ask for would take the processors from them.
    env: { AGENTCORE_MCP_SPARES: '0' },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
