import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import type { Sandbox, SandboxProvider } from '../../../src/engine/sandbox/sandbox.ts';
import { sandboxRoom, withSpares } from '../../../src/engine/sandbox/spares.ts';
import { sparesFor } from '../../../src/engine/spares.ts';
import { describeSandbox, PATIENT, resultOf } from './support.ts';

const GiB = 1024 ** 3;

test.each([
  [0.5 * GiB, 0],
  [1 * GiB, 1],
  [7.9 * GiB, 1],
  [8 * GiB, 2],
  [64 * GiB, 4],
])('with %d bytes free there are %d spares', (free, spares) => {
  expect(sparesFor(free, sandboxRoom)).toBe(spares);
});

/** Sandboxes that remember what was started. */
function remembering(inner: SandboxProvider) {
  const started: { id: string; sandbox: Sandbox }[] = [];
  return {
    provider: {
      ...inner,
      start: async (id, spec) => {
        const sandbox = await inner.start(id, spec);
        started.push({ id, sandbox });
        return sandbox;
      },
    } satisfies SandboxProvider,
    spares: () => started.filter(({ id }) => id === 'spare').map(({ sandbox }) => sandbox),
  };
}

/** The spare of this number, once it is ready. */
async function spareOf(spares: () => Sandbox[], index: number): Promise<Sandbox> {
  for (;;) {
    const spare = spares()[index];
    if (spare) {
      await spare.preload([], PATIENT.timeoutMs);
      return spare;
    }
    await sleep(20);
  }
}

const cell = { kernel: true };
const MODULES = '[m for m in ("numpy", "pandas", "matplotlib.pyplot") if m in __import__("sys").modules]';

describeSandbox('spares', () => {
  const inner = createSandboxes({ maxSandboxes: 3 });
  const { provider, spares } = remembering(inner);
  const sandboxes = withSpares(provider, { spares: 1 });
  let first: Sandbox;

  beforeAll(async () => {
    first = await sandboxes.start('first', cell);
  });
  afterAll(() => sandboxes.close());

  test('the first session starts one of its own; the next gets a spare, which knows nothing but the data stack', async () => {
    expect(resultOf(await first.runCell({ code: MODULES }, PATIENT))).toBe('[]');
    await first.close();

    const spare = await spareOf(spares, 0);
    const second = await sandboxes.start('second', cell);
    expect(second).toBe(spare);
    expect(resultOf(await second.runCell({ code: MODULES }, PATIENT))).toBe(
      "['numpy', 'pandas', 'matplotlib.pyplot']",
    );
    const outcome = await second.runCell({ code: 'np' }, PATIENT);
    expect(outcome.stderr).toContain("name 'np' is not defined");
    expect(outcome.stderr).toContain('Cell In[2], line 1');
    await second.close();
  });

  test('one that has ended is not handed out, and another takes its place', async () => {
    const spare = await spareOf(spares, 1);
    await spare.close();
    const next = await sandboxes.start('next', cell);
    expect(next).not.toBe(spare);
    expect(resultOf(await next.runCell({ code: '6 * 7' }, PATIENT))).toBe('42');
    await next.close();
    await spareOf(spares, 2);
  });

  test('who wants more than cells gets one of its own, for which a spare makes room', async () => {
    const spare = await spareOf(spares, 2);
    const own = [];
    for (const id of ['a', 'b', 'c']) own.push(await sandboxes.start(id, { environment: { NAME: id } }));
    expect(own).not.toContain(spare);
    expect(await spare.ended).toContain('closed');
    await expect(sandboxes.start('d', cell)).rejects.toMatchObject({ code: 'unavailable' });
    for (const sandbox of own) await sandbox.close();
  });

  test('0 keeps none', async () => {
    const none = remembering(inner);
    const plain = withSpares(none.provider, { spares: 0 });
    const sandbox = await plain.start('plain', cell);
    await sandbox.close();
    await sleep(600);
    expect(none.spares()).toEqual([]);
  });
});

describeSandbox('the end of spares', () => {
  test('closing ends a spare that is still starting', async () => {
    const { provider, spares } = remembering(createSandboxes({}));
    const sandboxes = withSpares(provider, { spares: 2 });
    await sandboxes.start('only', cell);
    while (spares().length === 0) await sleep(5);
    await sandboxes.close();
    for (const spare of spares()) expect(await spare.ended).toBeTypeOf('string');
  });
});
