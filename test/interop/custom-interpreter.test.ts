import { expect, test } from 'vitest';
import { interopPython } from '../support/interop-python.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { machines, runOn, startEngineProgram } from './machine.ts';

/** Where this machine has a mirror of the index, its addresses may be private. */
const index = ['--agent-allow-hosts', '0.0.0.0/0'];

describeSandbox('an interpreter with internet', () => {
  test('takes packages from the index of this machine, for AgentCore’s own Python SDK', async () => {
    const dataDir = await startEngineProgram(index);
    const program = [interopPython, 'code_interpreter_custom.py'] as const;
    expect(await runOn(machines['a machine without AWS settings'], program, dataDir)).toEqual({
      interpreter: expect.stringMatching(/^installer-[a-zA-Z0-9]{10}$/),
      arn: expect.stringMatching(
        /^arn:aws:bedrock-agentcore:us-east-1:000000000000:code-interpreter-custom\/installer-/,
      ),
      mode: 'PUBLIC',
      status: 'READY',
      tags: { team: 'a' },
      taken: ['ConflictException', 409],
      ids: ['aws.codeinterpreter.v1', expect.stringMatching(/^installer-/)],
      installed: 'Successfully installed cowsay-6.1',
      imported: '6.1',
      program: '| moo |\n',
      listed: [true],
      busy: ['ConflictException', 409],
      deleted: 'DELETING',
      gone: ['ResourceNotFoundException', 404],
    });
  });
});
