import { expect, it } from 'vitest';
import { describeSandbox, PATIENT, resultOf, useSandbox } from './support.ts';

describeSandbox('a cell', () => {
  const shared = useSandbox();
  const { python, shell } = shared;

  it('keeps variables for the next one', async () => {
    await python('greeting = "hola"');
    expect((await python('print(greeting)')).stdout).toBe('hola\n');
  });

  it('gives the value of its last expression apart from what it printed', async () => {
    const outcome = await python('print("printed")\n6 * 7');
    expect(outcome).toMatchObject({
      stdout: 'printed\n',
      stderr: '',
      exitCode: 0,
      overflow: [],
      stateLost: false,
    });
    expect(outcome.outputs).toEqual([{ kind: 'result', data: { 'text/plain': '42' } }]);
    expect(outcome.interruption).toBeUndefined();
    expect(resultOf(await python('_ + 1'))).toBe('43');
    expect((await python('6 * 7;')).outputs).toEqual([]);
  });

  it('awaits at the top level, on one loop that keeps its tasks', async () => {
    await python('import asyncio\nasync def soon(): await asyncio.sleep(0.01); return "done"');
    await python('task = asyncio.get_running_loop().create_task(soon()); await asyncio.sleep(0)');
    expect(resultOf(await python('await task'))).toBe("'done'");
    expect(resultOf(await python('asyncio.run(soon())'))).toBe("'done'");
    expect(resultOf(await python('await soon()'))).toBe("'done'");
  });

  it('fails with the traceback of IPython, without colours', async () => {
    const outcome = await python('def divide(n):\n    return 1 / n\n\nprint("before")\ndivide(0)');
    expect(outcome).toMatchObject({ exitCode: 1, stdout: 'before\n' });
    expect(outcome.stderr).toMatch(/^Cell In\[\d+\], line 5$/m);
    expect(outcome.stderr).toContain('ZeroDivisionError: division by zero');
    expect(outcome.stderr).not.toContain('\u001b');
    const broken = await python('if True print()');
    expect(broken).toMatchObject({ exitCode: 1, stdout: '' });
    expect(broken.stderr).toContain('SyntaxError');
  });

  it('catches what descriptors and subprocesses print, in order', async () => {
    const outcome = await python(
      'import os, subprocess, sys\nprint("one")\nos.write(1, b"two\\n")\nsubprocess.run(["echo", "three"])\n' +
        'print("four")\n!echo five\nos.write(2, b"e1\\n")\nprint("e2", file=sys.stderr)\nos.system("echo e3 >&2");',
    );
    expect(outcome.stdout).toBe('one\ntwo\nthree\nfour\nfive\n');
    expect(outcome.stderr).toBe('e1\ne2\ne3\n');
  });

  it('knows magics', async () => {
    expect((await python('%pwd')).outputs[0]?.data['text/plain']).toBe("'/workspace'");
    expect((await python('%%bash\necho from bash')).stdout).toBe('from bash\n');
    expect(resultOf(await python('lines = !printf "a\\nb\\n"\nlist(lines)'))).toBe("['a', 'b']");
    expect((await python('%time 1 + 1')).stdout).toContain('Wall time');
  });

  it('shows tables as HTML and text, and figures as PNG', async () => {
    const table = await python('import pandas as pd\npd.DataFrame({"a": [1, 2]})');
    expect(table.outputs[0]?.data['text/html']).toContain('<table');
    expect(resultOf(table)).toBe('   a\n0  1\n1  2');
    const plot = await python('import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nprint(plt.get_backend())');
    expect(plot.stderr).toBe('');
    const pictures = plot.outputs.flatMap(({ data }) => data['image/png'] ?? []);
    expect(pictures).toHaveLength(1);
    expect(
      Buffer.from(pictures[0] as string, 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect((await python('1')).outputs).toHaveLength(1);
    const shown = await python('display({"x": 1}); display(1); 2');
    expect(shown.outputs.map(({ kind }) => kind)).toEqual(['display', 'display', 'result']);
  });

  it('reads and writes what data analysts exchange', async () => {
    const outcome = await python(
      'import pandas as pd, seaborn\npd.DataFrame({"城市": ["東京"]}).to_excel("/tmp/a.xlsx", index=False)\nprint(pd.read_excel("/tmp/a.xlsx").to_markdown())\nlen(pd.read_excel("/tmp/a.xlsx").style.to_html()) > 100',
    );
    expect(outcome).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('| 東京') });
    expect(resultOf(outcome)).toBe('True');
  });

  it('says at once that packages cannot be installed', async () => {
    for (const command of ['%pip install nosuch', '!pip install nosuch']) {
      const { stdout, stderr } = await python(command);
      const printed = stdout + stderr;
      expect(printed).toMatch(
        /No matching distribution found for nosuch.*There is no internet here.*is PUBLIC/s,
      );
      expect(printed).not.toMatch(/Retrying|UserWarning|Note:/);
    }
    expect((await python('!pip list')).stdout).toMatch(/openpyxl\s+3/);
  });

  it('says that there is no keyboard', async () => {
    const outcome = await python('input("Name? ")');
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain('input() has no keyboard here');
    expect((await python('breakpoint()')).stderr).toContain('breakpoint() has no keyboard here');
  });

  it('survives text that is no Unicode', async () => {
    const outcome = await python(
      'import os\nprint("\\ud800 ü 漢")\nos.write(1, b"\\xff\\n");\nos.write(2, b"\\xfe\\n");\n"\\udcff"',
    );
    expect(outcome).toMatchObject({ exitCode: 0, stdout: '\\ud800 ü 漢\n\ufffd\n', stderr: '\ufffd\n' });
    expect((await python('"\\ud800"')).exitCode).toBe(0);
    expect((await python('raise ValueError("\\ud800")')).stderr).toContain('ValueError');
    expect((await python('print("ü\ud800")')).stdout.startsWith('ü')).toBe(true);
  });

  it('leaves out what is too large to show, in any script, and keeps the variables', async () => {
    const outcome = await python(
      'kept = 7\nfrom IPython.display import Markdown\nMarkdown("数" * 9_000_000)',
    );
    expect(outcome).toMatchObject({ exitCode: 0, outputs: [], stateLost: false });
    expect(outcome.stderr).toContain('was left out');
    expect(resultOf(await python('kept'))).toBe('7');
  });

  it.each([
    ['a status that is none', '{"id": number, "exitCode": 10**4000}', { exitCode: 1 }],
    ['a status that is negative', '{"id": number, "exitCode": -1}', { exitCode: 1 }],
    [
      'outputs that grow on their way',
      '{"id": number, "exitCode": 0, "outputs": [{"kind": "display", "data": {"text/plain": "é" * 10_000_000}}]}',
      { exitCode: 0, outputs: [] },
    ],
    [
      'outputs that are too large',
      '{"id": number, "exitCode": 0, "outputs": [{"kind": "display", "data": {"text/plain": "é" * 40_000_000}}]}',
      { interruption: 'crashed' },
    ],
  ])('does not end the session by forging %s', async (_, message, expected) => {
    const forge = `
import json, socket, struct, sys, time
def callers(frame):
    while frame:
        yield frame.f_locals
        frame = frame.f_back
number = next(names["request"]["id"] for names in callers(sys._getframe()) if "request" in names)
text = json.dumps(${message}, ensure_ascii=False).encode()
socket.socket(fileno=3).sendall(struct.pack(">II", len(text), 0) + text)
time.sleep(60)`;
    const outcome = await python(forge);
    expect(outcome).toMatchObject({ stderr: expect.not.stringContaining('Traceback'), ...expected });
    await python('', { timeoutMs: 100 });
    expect((await python('print(6 * 7)')).stdout).toContain('42');
  });

  it('runs one after another, however many are asked for', async () => {
    await python('order = []');
    const cells = Array.from({ length: 5 }, (_, index) => python(`order.append(${index})`));
    await Promise.all(cells);
    expect(resultOf(await python('order'))).toBe('[0, 1, 2, 3, 4]');
  });

  it('never runs when it is cancelled while waiting', async () => {
    await python('ran = False');
    const cancel = new AbortController();
    const first = python('import time; time.sleep(0.5)');
    const second = shared.sandbox.runCell({ code: 'ran = True' }, { ...PATIENT, signal: cancel.signal });
    cancel.abort();
    expect(await second).toMatchObject({ interruption: 'cancelled', stateLost: false });
    await first;
    expect(resultOf(await python('ran'))).toBe('False');
  });

  it('takes a program of a megabyte', async () => {
    expect(resultOf(await python(`len("${'x'.repeat(1_000_000)}")`))).toBe('1000000');
  });

  it('leaves nothing in the working directory', async () => {
    expect((await shell('ls -A')).stdout).toBe('');
  });

  it('works with processes and threads of its own', async () => {
    const outcome = await python(
      'from multiprocessing import get_context\nfrom concurrent.futures import ThreadPoolExecutor\n' +
        'with get_context("fork").Pool(2) as pool: print(pool.map(abs, [-1, -2]))\n' +
        'with ThreadPoolExecutor() as pool: print(list(pool.map(abs, [-3])))',
    );
    expect(outcome).toMatchObject({ stdout: '[1, 2]\n[3]\n', stderr: '', exitCode: 0 });
  });
});
