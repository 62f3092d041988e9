import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { temporaryDir } from '../support/temporary.ts';

/** The protocol revisions with a frozen set of scenarios that a server has to pass. */
export const revisions = ['2025-11-25', '2026-07-28'] as const;

const program = join(
  import.meta.dirname,
  '../../node_modules/@modelcontextprotocol/conformance/dist/index.js',
);
const DEADLINE_MS = 60_000;

export interface Verdict {
  /** 0 when every scenario passed, but for those in the baseline, which must all have failed. */
  exitCode: number;
  /** The program's own list of what passed and failed. */
  summary: string;
}

/** Lets MCP's conformance program try all scenarios of a revision on a server of this machine. */
export function runConformance(
  url: string,
  revision: (typeof revisions)[number],
  baseline?: string,
): Promise<Verdict> {
  const { port, pathname } = new URL(url);
  const args = [
    ...[program, 'server', '--url', `http://localhost:${port}${pathname}`, '--requirements', revision],
    ...['-o', temporaryDir()],
    ...(baseline ? ['--expected-failures', join(import.meta.dirname, baseline)] : []),
  ];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { timeout: DEADLINE_MS, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const summary = stdout.slice(stdout.indexOf('=== SUMMARY')) + stderr;
        resolve({ exitCode: error ? Number(error.code ?? -1) : 0, summary });
      },
    );
  });
}
