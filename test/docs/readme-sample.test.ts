import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stopAfterTest } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { runProgram } from '../support/program.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

describeSandbox('README', () => {
  test('its boto3 sample does what it says', async () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    const sample = /```python\n(.*?)```/s.exec(readme)?.[1] ?? '';
    const promised = /# (\[.*\])$/m.exec(sample)?.[1];
    const dataDir = join(temporaryDir(), 'data');
    stopAfterTest(dataDir);
    const env = await runProgram('cli.js', ['env', '--data-dir', dataDir]);
    expect(env).toMatchObject({ code: 0, stderr: '' });
    const shell = `${env.stdout}\nexec "$0" -c "$1"`;
    const printed = execFileSync('sh', ['-euc', shell, interopPython, sample], { encoding: 'utf8' });
    expect(printed.trim()).toBe(promised);
  });
});
