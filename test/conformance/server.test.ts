import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { startProgram } from '../support/program.ts';
import { temporaryDir } from '../support/temporary.ts';
import { revisions, runConformance } from './conformance.ts';

/** The conformance program sends no token. */
const flags = ['--transport', 'http', '--port', '0', '--allow-unauthenticated', '--data-dir'];

describe('the built server over HTTP', () => {
  test.each(revisions)('passes what %s asks of it', async (revision) => {
    const server = startProgram('cli.js', [...flags, temporaryDir()]);
    const { exitCode, summary } = await runConformance(
      await urlOf(server.stderr),
      revision,
      `baseline.${revision}.yml`,
    );
    expect(exitCode, summary).toBe(0);
  });
});

/** The URL that the server says it listens on. */
async function urlOf(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const [url] = /http:\S+\/mcp/.exec(line) ?? [];
    if (url) {
      stderr.resume();
      return url;
    }
  }
  throw new Error('The server ended without saying where it listens.');
}
