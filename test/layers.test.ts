import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Override {
  includes: string[];
  linter: {
    rules: { style?: { noRestrictedImports?: { options: { patterns: { group: string[] }[] } } } };
  };
}

const { overrides } = JSON.parse(readFileSync('biome.json', 'utf8')) as { overrides: Override[] };

const forbiddenFor = (folder: string) =>
  overrides
    .find(({ includes }) => includes.includes(`${folder}/**`))
    ?.linter.rules.style?.noRestrictedImports?.options.patterns.flatMap(({ group }) => group);

const above = readdirSync('src', { withFileTypes: true })
  .filter(({ name }) => name !== 'engine' && name !== 'platform')
  .map((entry) => (entry.isDirectory() ? `**/${entry.name}/**` : `**/${entry.name}`));

const tools = ['browser', 'contract', 'egress', 'models', 'sandbox'].map((name) => `src/engine/${name}`);

test.each(['src/engine', 'src/engine/services', ...tools])(
  'the linter keeps %s free of all that is above',
  (folder) => {
    expect(forbiddenFor(folder)).toEqual(expect.arrayContaining(above));
  },
);

test.each(tools)('the linter keeps %s free of services', (folder) => {
  expect(forbiddenFor(folder)).toContain('**/services/**');
});
