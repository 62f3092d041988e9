import { defineConfig } from 'vitest/config';

/** Tests that leave nothing behind in their process share it: what they load takes longer than they do. */
const light = ['engine/wire', 'engine/egress', 'engine/models', 'config', 'platform', 'agentcore/api'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'light', include: light, isolate: false } },
      { extends: true, test: { name: 'rest', include: ['test/**/*.test.ts'], exclude: light } },
    ],
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
