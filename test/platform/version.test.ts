import { expect, test } from 'vitest';
import { compareVersions, programVersion } from '../../src/platform/version.ts';

test('versions are ordered by number, a pre-release before its release', () => {
  const ordered = [
    '0.0.1',
    '0.1.0-beta.2',
    '0.1.0-beta.10',
    '0.1.0',
    '0.9.0',
    '0.10.0',
    '1.0.0-rc.1',
    '1.0.0',
    '10.0.0',
  ];
  for (const [index, version] of ordered.entries()) {
    for (const [other, against] of ordered.entries()) {
      expect(Math.sign(compareVersions(version, against)), `${version} ${against}`).toBe(
        Math.sign(index - other),
      );
    }
  }
  expect(programVersion).toMatch(/^\d+\.\d+\.\d+/);
});
