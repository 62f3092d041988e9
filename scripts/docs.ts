// Writes what is generated in README.md and docs/: npm run docs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { between, coverage, optionTable, toolTable } from './docs/generate.ts';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const readme = readFileSync(path('README.md'), 'utf8');
writeFileSync(
  path('README.md'),
  between(between(readme, 'tools', await toolTable()), 'options', optionTable()),
);
writeFileSync(path('docs/coverage.md'), await coverage());
