import { existsSync, readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../../support/engine.ts';
import { processesWith } from '../../../support/processes.ts';
import { describeSandbox } from '../../../support/sandbox.ts';
import { obedient, singleThreaded } from './data-agents.ts';
import { failureOf, newSession, useAgents } from './data-support.ts';

describeSandbox('a session', () => {
  const agents = useAgents({ startDeadlineMs: 3_000 });
  const ended = (session: string) =>
    until(() => agents.logs.of(session).find((line) => line.includes('ended: ')));

  test('keeps what its agent has in memory and on disk, and shares nothing with another', async () => {
    const agent = agents.deploy(obedient);
    const [one, two] = [newSession(), newSession()];
    await agents.run(agent, one, 'counter = 1; open("/tmp/mine", "w").write("one")');
    expect(
      await agents.run(agent, one, 'counter += 1; answer = [counter, open("/tmp/mine").read()]'),
    ).toEqual([2, 'one']);
    expect(
      await agents.run(agent, two, 'answer = ["counter" in globals(), os.path.exists("/tmp/mine")]'),
    ).toEqual([false, false]);
    expect(agents.plane.live()).toBe(2);
    await Promise.all([agents.stop(agent, one), agents.stop(agent, two)]);
    expect(agents.plane.live()).toBe(0);
  });

  test('first calls at once share one start', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const pids = await Promise.all(
      Array.from({ length: 5 }, () => agents.run(agent, session, 'answer = id(names)')),
    );
    expect(new Set(pids).size).toBe(1);
    expect(agents.logs.of(session).filter((line) => line === 'listening')).toHaveLength(1);
    await agents.stop(agent, session);
  });

  test('ten at once are kept apart', async () => {
    const agent = agents.deploy(obedient);
    const sessions = Array.from({ length: 10 }, newSession);
    await Promise.all(sessions.map((session) => agents.run(agent, session, `mine = "${session}"`)));
    const mine = await Promise.all(
      sessions.map((session) =>
        agents.run(agent, session, 'answer = [mine, headers["x-amzn-bedrock-agentcore-runtime-session-id"]]'),
      ),
    );
    expect(mine).toEqual(sessions.map((session) => [session, session]));
    await agents.plane.running.end(agent.scope, agent.runtimeId);
    expect(agents.plane.live()).toBe(0);
  });

  test('whose agent ends between calls starts again, with nothing kept', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    await agents.run(agent, session, 'kept = 1; threading.Timer(0.05, os._exit, [7]).start()');
    await ended(session);
    expect(await agents.run(agent, session, 'answer = "kept" in globals()')).toBe(false);
    expect(agents.logs.of(session)).toContain('[agentcore] ended: its process ended with exit code 7');
    await agents.stop(agent, session);
  });

  test('whose agent ends during a call says why, with its last words', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const { name, message } = await failureOf(
      agents.run(agent, session, 'print("out of cheese", file=sys.stderr, flush=True); os._exit(9)'),
    );
    expect(name).toBe('RuntimeClientError');
    expect(message).toMatch(
      /The session ended during the call: its process ended with exit code 9\. Last printed:\nout of cheese\n/,
    );
    expect(message).toContain(`/aws/bedrock-agentcore/runtimes/${agent.runtimeId}-DEFAULT`);
    expect(await agents.run(agent, session, 'answer = "back"')).toBe('back');
    await agents.stop(agent, session);
  });

  test('whose agent fails at import says the end of the traceback', async () => {
    const agent = agents.deploy({ 'main.py': 'import nothing_of_this_name\n' });
    const session = newSession();
    const { name, message } = await failureOf(agents.run(agent, session, ''));
    expect(name).toBe('RuntimeClientError');
    expect(message).toMatch(/The agent did not start: its process ended with exit code 1\./);
    expect(message).toContain("ModuleNotFoundError: No module named 'nothing_of_this_name'");
    expect(agents.plane.live()).toBe(0);
  });

  test('whose agent ends without a server says that nothing answers', async () => {
    const agent = agents.deploy({ 'main.py': 'print("done")\n' });
    expect((await failureOf(agents.run(agent, newSession(), ''))).message).toMatch(
      /its process ended with exit code 0, and nothing answers on port 8080\. Last printed:\ndone\n/,
    );
  });

  test('whose agent never listens, or has no /ping, says what was expected', async () => {
    const silent = agents.deploy({ 'main.py': 'import time\ntime.sleep(600)\n' });
    expect((await failureOf(agents.run(silent, newSession(), ''))).message).toMatch(
      /The agent did not start: the agent was not ready within 3 s: it must listen on port 8080 and answer GET \/ping with 200/,
    );
    const other = agents.deploy({ 'main.py': obedient['main.py'].replace('"/ping"', '"/health"') });
    expect((await failureOf(agents.run(other, newSession(), ''))).message).toContain(
      'answers GET /ping with 404',
    );
  });

  test('that is stopped is gone with everything that ran in it, also what has become a daemon', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const word = `daemon-of-${session}`;
    await agents.run(
      agent,
      session,
      `
import subprocess
for i in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sh", ["/bin/sh", "-c", "sleep 600; : ${word}"])
        os._exit(0)
`,
    );
    await until(() => processesWith(word) === 3);
    await agents.stop(agent, session);
    expect(processesWith(word)).toBe(0);
    expect(await failureOf(agents.stop(agent, session))).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await failureOf(agents.stop(agent, newSession()))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('cannot be stopped while it starts, nor asked while it is stopped', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const first = agents.run(agent, session, 'answer = 1');
    await until(() => agents.plane.live() === 1);
    expect(await failureOf(agents.stop(agent, session))).toEqual({
      name: 'RetryableConflictException',
      message: 'Session operation in progress, please retry',
    });
    await first;
    const stopping = agents.stop(agent, session);
    expect((await failureOf(agents.run(agent, session, ''))).name).toBe('RetryableConflictException');
    await stopping;
  });

  test('that is stopped ends the calls in it at once', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const asked = agents.run(agent, session, 'open("/tmp/there", "w"); time.sleep(600)');
    const failed = failureOf(asked);
    await until(() => agents.run(agent, session, 'answer = os.path.exists("/tmp/there")'));
    await agents.stop(agent, session);
    expect(await failed).toMatchObject({
      name: 'RuntimeClientError',
      message: expect.stringContaining('The session ended during the call: it was stopped.'),
    });
  });

  test('that is idle ends, and one that says HealthyBusy does not', async () => {
    const agent = agents.deploy(obedient, { idleSeconds: 1 });
    const [idle, busy] = [newSession(), newSession()];
    await agents.run(agent, busy, 'health = {"status": "HealthyBusy"}');
    await agents.run(agent, idle, '');
    await ended(idle);
    expect(agents.logs.of(idle).at(-1)).toBe('[agentcore] ended: it was idle for 1 s');
    expect(await agents.run(agent, busy, 'answer = health["status"]')).toBe('HealthyBusy');
    await agents.run(agent, busy, 'health = {"status": "Healthy", "time_of_last_update": int(time.time())}');
    await ended(busy);
  });

  test('whose agent says that something has just changed is not idle', async () => {
    const changing = obedient['main.py'].replace(
      'self.answer(names["health"])',
      'self.answer({"status": "Healthy", "time_of_last_update": time.time()})',
    );
    const agent = agents.deploy({ 'main.py': changing }, { idleSeconds: 1, lifetimeSeconds: 4 });
    const session = newSession();
    await agents.run(agent, session, '');
    await ended(session);
    expect(agents.logs.of(session).at(-1)).toBe('[agentcore] ended: its lifetime of 4 s was over');
  });

  test('whose agent can do only one thing at a time is not idle while it does it', async () => {
    const agent = agents.deploy(singleThreaded, { idleSeconds: 1 });
    const session = newSession();
    expect(await agents.run(agent, session, 'time.sleep(3); answer = "done"')).toBe('done');
    await agents.stop(agent, session);
  });

  test('whose agent prints without end answers, and its log stays small', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    await agents.run(
      agent,
      session,
      `
def flood():
    line = "x" * 65535 + "\\n"
    while True: sys.stdout.write(line)
threading.Thread(target=flood, daemon=True).start()
`,
    );
    await until(() =>
      agents.logs.of(session).some((line) => /^\[agentcore\] dropped \d+ bytes of stdout/.test(line)),
    );
    expect(await agents.run(agent, session, 'answer = "still here"')).toBe('still here');
    await agents.stop(agent, session);
    const size = agents.logs.of(session).join('\n').length;
    expect(size).toBeGreaterThan(1_000_000);
    expect(size).toBeLessThan(20_000_000);
  });

  test('has one log event for a line, however it was printed', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    await agents.run(
      agent,
      session,
      `
import sys
sys.stdout.flush()
for part in ["on", "e\\nzwölf ", "€".encode()[:1], "€".encode()[1:], "\\n", "x" * 300_000, "\\nno end"]:
    os.write(1, part if isinstance(part, bytes) else part.encode())
    time.sleep(0.02)
os.write(2, b"to stderr\\r\\n")
`,
    );
    await until(() => agents.logs.of(session).includes('to stderr'));
    await agents.stop(agent, session);
    const lines = agents.logs.of(session);
    expect(lines.map((line) => line.slice(0, 40))).toEqual([
      expect.stringMatching(/^\[agentcore\] started with Python 3\.\d+\.\d+/),
      'listening',
      'one',
      'zwölf €',
      'x'.repeat(40),
      'x'.repeat(40),
      'to stderr',
      'no end',
      '[agentcore] ended: it was stopped',
    ]);
    expect(lines[4]?.length).toBe(256 * 1024 - 26);
  });

  test('keeps its storage over stops, but not over versions, nor when the runtime is deleted', async () => {
    const agent = agents.deploy(obedient, { storageMounts: ['/mnt/data'] });
    const [session, other] = [newSession(), newSession()];
    await agents.run(agent, session, 'os.makedirs("/mnt/data/a"); open("/mnt/data/a/b", "w").write("kept")');
    await agents.stop(agent, session);
    expect(
      await agents.run(
        agent,
        session,
        'open("/mnt/data/a/b", "a").write("!"); answer = open("/mnt/data/a/b").read()',
      ),
    ).toBe('kept!');
    expect(await agents.run(agent, other, 'answer = os.listdir("/mnt/data")')).toEqual([]);
    await agents.stop(agent, session);
    agents.replace(agent, { version: '2' });
    expect(await agents.run(agent, session, 'answer = os.listdir("/mnt/data")')).toEqual([]);
    const folder = `${agents.dataDir}/session-storage/${agent.scope.account}/${agent.scope.region}/${agent.runtimeId}`;
    expect(existsSync(folder)).toBe(true);
    await agents.plane.running.end(agent.scope, agent.runtimeId);
    expect(existsSync(folder)).toBe(false);
  });

  test('finds the packages of its agent compiled, once the agent has started before', async () => {
    const agent = agents.deploy({ ...obedient, 'package/__init__.py': 'value = 7\n' });
    // As the engine's own process sets it.
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const session = newSession();
    const code = 'import package; answer = [package.value, os.access(package.__cached__, os.R_OK)]';
    expect(await agents.run(agent, session, code)).toEqual([7, expect.any(Boolean)]);
    const cache = `${agent.config.codeFolder}/package/__pycache__`;
    await until(() => existsSync(cache) && readdirSync(cache).some((name) => name.endsWith('.pyc')));
    await agents.stop(agent, session);
    expect(await agents.run(agent, session, code)).toEqual([7, true]);
    await agents.stop(agent, session);
  });

  test('reaches the engine and, of the network, nothing that is private; of this machine it sees nothing else', async () => {
    const agent = agents.deploy(obedient, { environment: { MINE: 'mine', AWS_REGION: 'own-choice' } });
    const session = newSession();
    const seen = await agents.run(
      agent,
      session,
      `
import urllib.request, urllib.error
def get(url):
    try:
        return urllib.request.urlopen(url, timeout=10).read().decode()
    except urllib.error.HTTPError as error:
        return error.code
    except Exception as error:
        return type(error).__name__
def read(path):
    try:
        return os.listdir(path)
    except OSError as error:
        return type(error).__name__
answer = {
    "engine": get(os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] + "/some/path"),
    "metadata": get("http://169.254.169.254/latest/meta-data/"),
    "private": get("http://10.0.0.1/"),
    "workspace": read(${JSON.stringify(process.cwd())}),
    "data": read(${JSON.stringify(agents.dataDir)}),
    "code": read("/var/task"),
    "environment": {name: os.environ.get(name) for name in ["AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_DEFAULT_REGION", "MINE"]},
}
try:
    open("/var/task/new", "w")
except OSError as error:
    answer["writing"] = error.strerror
`,
    );
    expect(seen).toEqual({
      engine: 'the engine, asked for /some/path',
      metadata: 403,
      private: 403,
      workspace: 'FileNotFoundError',
      data: 'FileNotFoundError',
      code: expect.arrayContaining(['main.py']),
      environment: {
        AWS_ACCESS_KEY_ID: '111122223333',
        AWS_REGION: 'own-choice',
        AWS_DEFAULT_REGION: 'eu-central-1',
        MINE: 'mine',
      },
      writing: 'Read-only file system',
    });
    await agents.stop(agent, session);
  });
});

describeSandbox('sessions whose service closes', () => {
  const agents = useAgents();

  test('tell their calls the reason, and no other starts', async () => {
    const agent = agents.deploy(obedient);
    const session = newSession();
    const failed = failureOf(agents.run(agent, session, 'open("/tmp/there", "w"); time.sleep(600)'));
    await until(() => agents.run(agent, session, 'answer = os.path.exists("/tmp/there")'));
    await agents.plane.close('the engine was reset');
    expect((await failed).message).toContain('The session ended during the call: the engine was reset.');
    expect(await failureOf(agents.run(agent, newSession(), ''))).toMatchObject({
      name: 'InternalServerException',
      message: 'No session can start: the engine was reset. Try again.',
    });
  });
});
