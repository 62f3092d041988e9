import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { between, coverage, optionTable, toolTable } from '../../scripts/docs/generate.ts';

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');
const stale = 'It is stale: run `npm run docs`.';

test('the tool table of the README is up to date', async () => {
  const readme = read('README.md');
  expect(readme, stale).toBe(between(readme, 'tools', await toolTable()));
});

test('the option table of the README is up to date', () => {
  const readme = read('README.md');
  expect(readme, stale).toBe(between(readme, 'options', optionTable()));
});

test('the coverage table is up to date, and names real operations', async () => {
  const generated = await coverage();
  expect(read('docs/coverage.md'), stale).toBe(generated);
  expect(generated).toMatch(/^\| Code interpreters \| \d+ of \d+ \| .*`InvokeCodeInterpreter`/m);
});

test('what generated text is put between must be there', () => {
  expect(() => between('no marks', 'tools', '')).toThrow('There are no marks for tools.');
});

test.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md'])(
  'every local link of %s leads somewhere',
  (name) => {
    const base = new URL(`../../${name}`, import.meta.url);
    for (const [, target = ''] of read(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      expect(() => readFileSync(fileURLToPath(new URL(target, base))), `${name}: ${target}`).not.toThrow(
        /ENOENT/,
      );
    }
  },
);
