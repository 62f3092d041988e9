import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { until } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { temporaryDir } from '../support/temporary.ts';

const root = join(import.meta.dirname, '..', '..');
const examples = join(root, 'examples', 'testing');
const run = promisify(execFile);

const environment = {
  ...process.env,
  AGENTCORE_ENGINE: `'${process.execPath}' '${join(root, 'dist', 'cli.js')}'`,
  PATH: [dirname(interopPython), dirname(process.execPath), process.env.PATH].join(delimiter),
};

/** Python, npm and the compiler take their time on a busy machine. */
const LONG_MS = 180_000;

interface Workflow {
  env: Record<string, string>;
  jobs: { test: { steps: { name?: string; uses?: string; run?: string }[] } };
}

/** The command lines of a step, as GitHub runs them. */
async function runStep({ jobs }: Workflow, name: string, cwd: string, env: Record<string, string>) {
  const step = jobs.test.steps.find((step) => step.name === name);
  if (!step?.run) throw new Error(`The workflow has no step ${name}.`);
  const given = {
    ...environment,
    AGENTCORE_ENGINE: environment.AGENTCORE_ENGINE.replaceAll("'", ''),
    ...env,
  };
  return (await run('bash', ['-e', '-c', step.run], { cwd, env: given })).stdout;
}

describeSandbox('the examples for tests of agents', () => {
  test(
    'pytest passes, as the workflow runs it',
    async () => {
      const dir = temporaryDir();
      for (const name of ['conftest.py', 'test_agent.py'])
        cpSync(join(examples, name), join(dir, 'tests', name));
      const workflow: Workflow = parse(readFileSync(join(examples, 'github-actions.yml'), 'utf8'));
      expect(Object.keys(workflow.env).sort()).toEqual(['AGENTCORE_ENGINE', 'AGENTCORE_SOURCE', 'TESTS']);
      for (const step of workflow.jobs.test.steps)
        expect(Boolean(step.uses) !== Boolean(step.run)).toBe(true);
      const printed = await runStep(workflow, 'Tests with pytest', dir, { TESTS: 'tests' });
      expect(printed).toContain('3 passed');
    },
    LONG_MS,
  );

  test(
    'an engine that the workflow leaves in the background answers later steps',
    async () => {
      const dir = temporaryDir();
      const workflow: Workflow = parse(readFileSync(join(examples, 'github-actions.yml'), 'utf8'));
      const variables = join(dir, 'variables');
      await runStep(workflow, 'Start an engine', dir, { GITHUB_ENV: variables });
      const { pid } = JSON.parse(readFileSync(join(dir, 'engine.json'), 'utf8'));
      onTestFinished(() => void process.kill(pid));
      const exported = readFileSync(variables, 'utf8').trim().split('\n');
      const env = Object.fromEntries(exported.map((line) => line.split(/=(.*)/s, 2)));
      expect(await runStep(workflow, 'Use it', dir, env)).toBe('[]\n');
    },
    LONG_MS,
  );

  test(
    'the engine ends with a pytest that is killed',
    async () => {
      const dir = temporaryDir();
      cpSync(join(examples, 'conftest.py'), join(dir, 'conftest.py'));
      writeFileSync(
        join(dir, 'test_forever.py'),
        'import time\ndef test_forever(agentcore):\n    print("\\n" + agentcore.url, flush=True)\n    time.sleep(600)\n',
      );
      const pytest = spawn(interopPython, ['-m', 'pytest', '-q', '-s'], { cwd: dir, env: environment });
      onTestFinished(() => void pytest.kill('SIGKILL'));
      pytest.stderr.resume();
      let url = '';
      for await (const line of createInterface({ input: pytest.stdout })) {
        url = /http:\S+/.exec(line)?.[0] ?? '';
        if (url) break;
      }
      const answers = () => fetch(url).then(Boolean, () => false);
      expect(await answers()).toBe(true);
      pytest.kill('SIGKILL');
      await once(pytest, 'exit');
      await until(async () => !(await answers()));
    },
    LONG_MS,
  );

  test(
    'an embedder has the engine and its types from the package',
    async () => {
      const dir = temporaryDir();
      const modules = join(dir, 'node_modules');
      mkdirSync(join(modules, '@types'), { recursive: true });
      const npm = ['pack', '--silent', '--pack-destination', dir];
      const [tarball = ''] = execFileSync('npm', npm, { cwd: root, encoding: 'utf8' }).trim().split('\n');
      execFileSync('tar', ['-xzf', join(dir, tarball), '-C', dir]);
      cpSync(join(dir, 'package'), join(modules, 'agentcore-mcp'), { recursive: true });
      for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
        mkdirSync(dirname(join(modules, name)), { recursive: true });
        symlinkSync(join(root, 'node_modules', name), join(modules, name));
      }
      writeFileSync(
        join(dir, 'embedder.ts'),
        `import { type Engine, type FaultReport, FaultRuleError, startEngine } from 'agentcore-mcp/engine';
const engine: Engine = await startEngine({ limits: { memoryBytes: 2 ** 30 } });
await engine.faults.set([{ operation: '*', error: 'ThrottlingException', times: 1 }]);
const [report]: FaultReport[] = engine.faults.list();
const now: number = engine.clock.now() + engine.clock.offsetMs + (report?.struck ?? 0);
await engine.clock.advance(now).catch((error) => error instanceof FaultRuleError);
await engine.reset();
const token: string | undefined = engine.controlToken;
await engine.close(token);
// @ts-expect-error: a rule has an operation.
await engine.faults.set([{ error: 'ThrottlingException' }]);
`,
      );
      const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = [
        '--noEmit',
        '--strict',
        '--target',
        'es2023',
        '--module',
        'nodenext',
        '--types',
        'node',
      ];
      writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
      await run(process.execPath, [compiler, ...options, 'embedder.ts'], { cwd: dir });
      cpSync(join(examples, 'agent.test.mjs'), join(dir, 'agent.test.mjs'));
      const { stdout } = await run(process.execPath, ['--test', '--test-reporter', 'tap'], { cwd: dir });
      expect(stdout).toMatch(/^# pass 2$/m);
      expect(existsSync(join(modules, 'agentcore-mcp', 'dist', 'engine', 'index.d.ts'))).toBe(true);
    },
    LONG_MS,
  );
});
