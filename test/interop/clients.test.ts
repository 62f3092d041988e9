import { expect, test } from 'vitest';
import { interopPython } from '../support/interop-python.ts';
import { describeSandbox } from '../support/sandbox.ts';
import { machines, programs, runOn, startEngineProgram } from './machine.ts';

const ulid = expect.stringMatching(/^[0-9A-Z]{26}$/);

function answered(stdout: string) {
  return {
    content: [{ type: 'text', text: stdout }],
    structuredContent: { stdout, stderr: '', exitCode: 0, executionTime: expect.any(Number) },
    isError: false,
  };
}

function failed(traceback: RegExp) {
  const stderr = expect.stringMatching(traceback);
  return {
    content: [{ type: 'text', text: stderr }],
    structuredContent: { stdout: '', stderr, exitCode: 1, executionTime: expect.any(Number) },
    isError: true,
  };
}

const divisionByZero = /Traceback \(most recent call last\)\nCell In\[\d+\], line 1\n.*ZeroDivisionError/s;
const commandFailed = {
  content: [{ type: 'text', text: 'out\nerr\n' }],
  structuredContent: { stdout: 'out\n', stderr: 'err\n', exitCode: 3, executionTime: expect.any(Number) },
  isError: true,
};

/** What each program must have seen, whatever machine it ran on. */
const expected: Record<keyof typeof programs, object> = {
  boto3: {
    session: ulid,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/),
    state: answered('42'),
    failure: failed(divisionByZero),
    typescript: answered('42'),
    command: commandFailed,
    written: { content: [{ type: 'text', text: 'Successfully wrote all 2 files' }], isError: false },
    text: '日本語\n',
    binaryIntact: true,
    listed: ['a', 'b.bin'],
    removed: 'Successfully removed all 1 files',
    task: ['Successfully started a command execution task', 'submitted'],
    stoppedTask: {
      content: [{ type: 'text', text: 'Successfully canceled a command execution task' }],
      isError: false,
    },
    taskStatus: 'canceled',
    ready: 'READY',
    stopped: 'TERMINATED',
    terminatedIds: [ulid],
    afterStop: ['ConflictException', 409],
    unknown: ['ResourceNotFoundException', 404],
    notYet: ['NotImplementedException', 501],
  },
  'bedrock-agentcore for Python': {
    session: ulid,
    pandas: answered('139'),
    command: answered('3\n'),
    downloaded: 'city,people\nTōkyō,14\n日本,125\n',
    binaryIntact: true,
    cleared: failed(/NameError: name 'kept' is not defined/),
    listed: [ulid],
    statusAfter: 'TERMINATED',
  },
  'the AWS SDK for JavaScript': {
    session: ulid,
    created: true,
    state: answered('42'),
    failure: failed(divisionByZero),
    command: commandFailed,
    binaryIntact: true,
    task: {
      content: [{ type: 'text', text: 'Task is failed' }],
      structuredContent: {
        taskStatus: 'failed',
        stdout: 'ok\n',
        stderr: '',
        exitCode: 2,
        executionTime: expect.any(Number),
      },
      isError: false,
    },
    stopped: 'TERMINATED',
    afterStop: ['ConflictException', 409],
    interpreters: ['aws.codeinterpreter.v1'],
  },
  'bedrock-agentcore for TypeScript': {
    sessionId: ulid,
    state: ['', '42'],
    typed: ['', '42'],
    command: '¡Hola!',
    files: 'greeting.txt - File - text/plain (file:///greeting.txt)',
    status: 'READY',
    ended: 'TERMINATED',
  },
};

/** All programs run at the same time. */
const PATIENT = { timeout: 120_000 };
const plain = machines['a machine without AWS settings'];
const programNames = Object.keys(programs) as (keyof typeof programs)[];

describeSandbox('unmodified clients, told by `agentcore-mcp env` alone where to go', () => {
  test.each(Object.entries(machines))('on %s', PATIENT, async (_, machine) => {
    const dataDir = await startEngineProgram();
    const seen = programNames.map(async (name, index) => {
      const account = String(index).padStart(12, '1');
      return [name, await runOn(machine, programs[name], dataDir, { account })];
    });
    expect(Object.fromEntries(await Promise.all(seen))).toEqual(expected);
  });
});

describeSandbox('boto3, which takes no event of more than 24 MiB', () => {
  test('gets large answers, cut where they would be too large', async () => {
    const dataDir = await startEngineProgram();
    const seen = await runOn(plain, [interopPython, 'code_interpreter_large.py'], dataDir);
    expect(seen).toEqual({
      file: [18_000_000],
      printed: expect.any(Number),
      note: "stdout is cut here; all 9000001 bytes are in the session's file long-output/1.txt.",
      saved: 9_000_001,
    });
    expect(Number(seen.printed)).toBeGreaterThan(500_000);
  });
});

test('clients with another secret are refused', PATIENT, async () => {
  const dataDir = await startEngineProgram();
  const override = 'export AWS_SECRET_ACCESS_KEY=wrong';
  const refused = programNames.map((name) =>
    expect(runOn(plain, programs[name], dataDir, { override }), name).rejects.toThrow(
      /InvalidSignatureException|SignatureDoesNotMatch/,
    ),
  );
  await Promise.all(refused);
});
