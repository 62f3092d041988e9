import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ContentFiles } from '../../../../src/engine/services/objects/content.ts';
import { temporaryDir } from '../../../support/temporary.ts';

async function* body() {
  yield Buffer.from('content');
}

test('a disk that is almost full takes no more', async () => {
  const folder = join(temporaryDir(), 'objects');
  const { piece } = await new ContentFiles(folder).write(body());
  const full = new ContentFiles(folder, Number.MAX_SAFE_INTEGER);
  const refusal = { code: 'InsufficientStorage', status: 507, message: expect.stringContaining('Free some') };
  await expect(full.write(body())).rejects.toMatchObject(refusal);
  await expect(full.copy([piece])).rejects.toMatchObject(refusal);
  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
});
