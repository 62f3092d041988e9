import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stopAfterTest } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { runProgram } from '../support/program.ts';
import { temporaryDir } from '../support/temporary.ts';

test.runIf(process.platform === 'linux')('the boto3 sample of the README does what it says', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const sample = /```python\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const promised = /# (\[.*\])$/m.exec(sample)?.[1];
  const dataDir = join(temporaryDir(), 'data');
  stopAfterTest(dataDir);
  const { stdout: exports } = await runProgram('cli.js', ['env', '--data-dir', dataDir]);
  const shell = `${exports}\nexec "$0" -c "$1"`;
  const printed = execFileSync('sh', ['-euc', shell, interopPython, sample], { encoding: 'utf8' });
  expect(printed.trim()).toBe(promised);
});
