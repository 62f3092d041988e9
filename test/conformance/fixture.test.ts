import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, listen } from '../../src/transports/http.ts';
import { revisions, runConformance } from './conformance.ts';
import { buildFixture } from './fixture/server.ts';

describe('the HTTP server, serving what the conformance scenarios ask for', () => {
  let server: HttpServer;

  beforeAll(async () => {
    server = await listen(buildFixture, { host: '127.0.0.1', port: 0 });
  });
  afterAll(() => server.close());

  test.each(revisions)('passes the requirements of %s', async (revision) => {
    const { exitCode, summary } = await runConformance(server.url, revision);
    expect(exitCode, summary).toBe(0);
  });
});
