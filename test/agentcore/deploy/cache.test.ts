import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DependencyCache } from '../../../src/agentcore/deploy/cache.ts';
import { temporaryDir } from '../../support/temporary.ts';

test('whoever fetches the same at the same time leaves what the other uses already', async () => {
  const root = temporaryDir();
  const slow = Promise.withResolvers<void>();
  const fetching = (text: string, wait?: Promise<void>) => async (folder: string) => {
    await wait;
    writeFileSync(join(folder, 'text'), text);
    return ['one 1'];
  };
  const second = new DependencyCache(root).get('key', fetching('second', slow.promise));
  const first = await new DependencyCache(root).get('key', fetching('first'));
  slow.resolve();
  expect(await second).toMatchObject({ folder: first.folder, packages: ['one 1'] });
  expect(readFileSync(join(first.folder, 'text'), 'utf8')).toBe('first');
});
