import { expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { findEngine } from '../../src/engine/process.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { until } from '../support/engine.ts';
import { describeSandbox } from '../support/sandbox.ts';

const session = { codeInterpreterIdentifier: 'aws.codeinterpreter.v1' };
const code = 'open("begun", "w").close()\nimport time\ntime.sleep(60)';

async function call(context: Context, name: string, args: object) {
  const { structuredContent } = await runTool(context, name, args, patient());
  return structuredContent as Record<string, unknown>;
}

describeSandbox('an engine that is killed during a call', () => {
  test.each([
    ['run_code', (sessionId: string) => ({ session: sessionId, code })],
    [
      'call_aws_api',
      (sessionId: string) => ({
        operation: 'InvokeCodeInterpreter',
        params: { ...session, sessionId, name: 'executeCode', arguments: { language: 'python', code } },
      }),
    ],
  ])('is told by %s in plain words, which leave open what was done', async (tool, argsFor) => {
    const context = contextWith();
    const { session: id } = await call(context, 'run_code', { code: '1' });
    const running = call(context, tool, argsFor(String(id)));
    await until(async () => {
      const { stdout } = await call(context, 'run_code', { session: id, language: 'shell', code: 'ls' });
      return String(stdout).includes('begun');
    });
    const engine = await findEngine(context.config.dataDir);
    process.kill(engine?.pid ?? 0, 'SIGKILL');
    const failure = await running;
    expect(failure).toMatchObject({
      code: 'ConnectionBroken',
      message:
        'The connection to the local engine broke during the call for InvokeCodeInterpreter, so it is not known whether it was done.',
      retryable: false,
    });
    expect(JSON.stringify(failure)).not.toMatch(/hidden field|aborted|hang up/);
  });
});
