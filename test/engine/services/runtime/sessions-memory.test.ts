import { expect, test } from 'vitest';
import { describeSandbox } from '../../../support/sandbox.ts';
import { obedient } from './data-agents.ts';
import { failureOf, newSession, useAgents } from './data-support.ts';

/** Each process stays below what one alone may have; together they need 3.6 GB. */
const greedy = `
import subprocess
hungry = "import time; held = bytearray(900 << 20); held[::4096] = bytes([1]) * len(held[::4096]); time.sleep(600)"
for child in [subprocess.Popen([sys.executable, "-c", hungry]) for _ in range(4)]:
    child.wait()
`;

describeSandbox('an agent that takes too much memory', () => {
  const agents = useAgents();

  test('with all its processes ends its session, which says so and starts again', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const note =
      'The processes of this session together used more than the memory limit of 2048 MiB; all were ended.';
    const { name, message } = await failureOf(agents.run(agent, session, greedy));
    expect(name).toBe('RuntimeClientError');
    expect(message).toContain(note);
    expect(agents.logs.of(session)).toContain(note);
    expect(await agents.run(agent, session, 'answer = "back"')).toBe('back');
    await agents.stop(agent, session);
  });

  test('with one process is refused it there, and goes on', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const { message } = await failureOf(agents.run(agent, session, 'kept = 1; bytearray(4 << 30)'));
    expect(message).toContain('MemoryError');
    expect(await agents.run(agent, session, 'answer = kept')).toBe(1);
    await agents.stop(agent, session);
  });
});
