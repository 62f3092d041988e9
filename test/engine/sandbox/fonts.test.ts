import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fontMounts } from '../../../src/engine/sandbox/fonts.ts';
import { managedEnvironment } from '../../../src/engine/sandbox/index.ts';
import { describeSandbox, PATIENT, sandboxes } from './support.ts';

const SYSTEM_FONTS = '/usr/share/fonts';
const fontFiles = existsSync(SYSTEM_FONTS)
  ? readdirSync(SYSTEM_FONTS, { recursive: true, encoding: 'utf8' })
  : [];
const hasEastAsianFont = fontFiles.some((path) => /wqy-|NotoSansCJK/.test(path));
if (!hasEastAsianFont)
  console.warn('SKIPPED: East Asian letters in plots; this machine has no font for them.');

describeSandbox('what is prepared for plots', () => {
  it('is there soon after the first sandbox, and in every later one', { timeout: 90_000 }, async () => {
    await (await sandboxes.start('first')).close();
    await expect.poll(() => fontMounts(managedEnvironment()), { timeout: 60_000 }).toHaveLength(2);
    const sandbox = await sandboxes.start('second');
    try {
      const listed = await sandbox.runCommand('ls ~/.cache/matplotlib ~/.config/matplotlib', PATIENT);
      expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/fontlist-v\d+\.json/) });
      expect(listed.stdout).toContain('matplotlibrc');
    } finally {
      await sandbox.close();
    }
  });

  it.skipIf(!hasEastAsianFont)('draws Chinese, Japanese and Korean without a word about fonts', async () => {
    const sandbox = await sandboxes.start('letters');
    const draw = (title: string) =>
      sandbox.runCell(
        { code: `import matplotlib.pyplot as plt\nplt.title("${title}")\nplt.show()` },
        PATIENT,
      );
    try {
      expect(await draw('销售额 売上 매출 Größe −1')).toMatchObject({ exitCode: 0, stderr: '' });
      expect((await draw('\u{12000}')).stderr).toContain('missing from font');
    } finally {
      await sandbox.close();
    }
  });
});
