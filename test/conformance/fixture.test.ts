import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, listen } from '../../src/transports/http.ts';
import { revisions, runConformance } from './conformance.ts';
import { buildFixture } from './fixture/server.ts';

/**
 * Servers up to 2025-11-25 may ask the client something in the middle of a call, over a session. Ours keeps no sessions
 * and asks nothing, so the scenarios that need that fail, and must go on failing.
 */
const baselines = { '2025-11-25': 'baseline.fixture.2025-11-25.yml', '2026-07-28': undefined };

describe('the HTTP server, serving what the conformance scenarios ask for', () => {
  let server: HttpServer;

  beforeAll(async () => {
    server = await listen(buildFixture, { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => server.close());

  test.each(revisions)('passes the requirements of %s', async (revision) => {
    const { exitCode, summary } = await runConformance(server.url, revision, baselines[revision]);
    expect(exitCode, summary).toBe(0);
  });
});
