import { describe, expect, test } from 'vitest';
import { httpProcess } from '../support/http-process.ts';
import { temporaryDir } from '../support/temporary.ts';
import { revisions, runConformance } from './conformance.ts';

describe('the built server over HTTP', () => {
  test.each(revisions)('passes what %s asks of it', async (revision) => {
    // The conformance program sends no token.
    const { url } = await httpProcess(['--allow-unauthenticated', '--data-dir', temporaryDir()]);
    const { exitCode, summary } = await runConformance(url, revision, `baseline.${revision}.yml`);
    expect(exitCode, summary).toBe(0);
  });
});
