import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Findings } from '../../bench/harness/report.ts';
import { between } from '../../scripts/docs/generate.ts';
import { runProgram } from '../support/program.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

const DEADLINE_MS = 240_000;

const bench = (...args: string[]) => runProgram('../bench/main.ts', args);

/** Of two sections, figures that they must have found, in words of their own. All of them take longer than any other test. */
const expected = {
  start: [/agentcore-mcp: start/, /agentcore-mcp \/ bare/],
  run_code: [/Python, warm/, /New session to/],
};

describeSandbox('npm run bench -- --quick', () => {
  test('a section finds what it is for', { timeout: DEADLINE_MS }, async () => {
    const json = join(temporaryDir(), 'figures.json');
    const { code, stdout, stderr } = await bench(...Object.keys(expected), '--quick', '--json', json);
    expect(code, stderr).toBe(0);
    const { machine, sections } = JSON.parse(readFileSync(json, 'utf8')) as {
      machine: string[];
      sections: Record<string, Findings>;
    };
    expect(machine.join()).toMatch(/Processor: .*Node: 2\d.*Python of code sessions: 3\..*Commit: /);
    expect(Object.keys(sections)).toEqual(Object.keys(expected));
    for (const [name, figures] of Object.entries(expected)) {
      const { rows = [] } = sections[name] ?? {};
      for (const figure of figures) {
        const found = rows.filter(({ what }) => figure.test(what));
        expect(found, `${name}: ${figure}`).not.toEqual([]);
        for (const { values } of found)
          expect([values].flat().every(Number.isFinite), `${name}: ${figure}`).toBe(true);
      }
    }
    expect(sections.start?.tables?.[0]?.rows.map(([server]) => server)).toContain('agentcore-mcp');
    expect(stdout).toMatch(/at most 1\.30×: (met|missed by \d+%)/);
  });
});

test('what is no section, and figures of a part for the docs, are refused', async () => {
  const refused = [['soup'], ['--write', 'wire'], ['--write', '--quick'], ['--flavour']];
  const results = await Promise.all(refused.map((args) => bench(...args)));
  expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  expect(results.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
    'There is no section soup.',
    '--write is for all sections in full: leave out section names and --quick.',
    '--write is for all sections in full: leave out section names and --quick.',
    expect.stringContaining("'--flavour'"),
  ]);
});

test('the figures have their place in the docs', () => {
  const file = join(import.meta.dirname, '../../docs/performance.md');
  expect(between(readFileSync(file, 'utf8'), 'bench', 'figures')).toContain('figures');
});
