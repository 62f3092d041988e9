import { beforeAll, expect, it } from 'vitest';
import type { Language } from '../../../src/engine/sandbox/sandbox.ts';
import { useDeno } from '../../support/deno.ts';
import { describeSandbox, PATIENT, resultOf, useSandbox } from './support.ts';

useDeno();

describeSandbox('a cell in Deno', () => {
  const shared = useSandbox();
  const deno = (code: string, language: Language = 'typescript', options = PATIENT) =>
    shared.sandbox.runCell({ code, language, runtime: 'deno' }, options);

  beforeAll(async () => {
    const module = 'export const seven: number = 7; export function fail() { throw new Error("in lib"); }';
    await shared.sandbox.writeFile('lib.ts', Buffer.from(module));
  });

  it('runs beside Node.js, with a scope of its own', async () => {
    const outcome = await deno('let where: string = typeof Deno; console.log("out"); where');
    expect(outcome).toMatchObject({ stdout: 'out\n', stderr: '', exitCode: 0 });
    expect(resultOf(outcome)).toBe("'object'");
    expect(resultOf(await shared.javascript('[typeof where, typeof Deno]'))).toBe(
      "[ 'undefined', 'undefined' ]",
    );
    expect(resultOf(await deno('where + 1', 'javascript'))).toBe("'object1'");
  });

  it('imports, shows and fails as in Node.js', async () => {
    const code =
      'import { seven, fail } from "./lib.ts"; import fs from "node:fs"; [seven, typeof fs.statSync]';
    expect(resultOf(await deno(code))).toBe("[ 7, 'function' ]");
    expect((await deno('display({ "text/html": "<b>x</b>" })')).outputs[0]?.data).toEqual({
      'text/html': '<b>x</b>',
    });
    expect((await deno('enum Color { Red }\nfail()')).stderr).toMatch(
      /^Error: in lib\n {4}at fail \(\/workspace\/lib.ts:1:\d+\)\n {4}at Cell \d+:2:1\n$/,
    );
    expect((await deno('let x = = 1', 'javascript')).stderr).toMatch(/^Cell \d+:1:9\n.*SyntaxError/s);
  });

  it('stops where it waits, and is killed where it is busy', async () => {
    await deno('let kept = 1');
    const waiting = 'while (true) { await new Promise((resolve) => setTimeout(resolve, 5)); kept++ }';
    expect(await deno(waiting, 'javascript', { timeoutMs: 200 })).toMatchObject({
      interruption: 'timeout',
      exitCode: 1,
      stateLost: false,
    });
    const since =
      'const since = kept; await new Promise((resolve) => setTimeout(resolve, 50)); [kept > 1, kept - since]';
    expect(resultOf(await deno(since))).toBe('[ true, 0 ]');
    const reading =
      'const read = async () => { while (true) { await Deno.readTextFile("lib.ts"); kept++ } }; await read()';
    await deno(reading, 'javascript', { timeoutMs: 200 });
    await deno('await new Promise((resolve) => setTimeout(resolve, 100))');
    expect(resultOf(await deno(since))).toBe('[ true, 0 ]');
    expect(resultOf(await deno('(await Deno.readTextFile("lib.ts")).length > 0'))).toBe('true');
    expect(
      resultOf(
        await deno(
          '(await import("node:fs")).promises.readFile("lib.ts", "utf8").then((text) => text.length > 0)',
        ),
      ),
    ).toBe('true');
    const busy = await deno('while (true);', 'javascript', { timeoutMs: 200 });
    expect(busy).toMatchObject({ interruption: 'timeout', exitCode: 137, stateLost: true });
    expect(busy.stderr).toContain('The Deno process ended');
  });

  it('can end its process', async () => {
    const outcome = await deno('console.log("bye"); Deno.exit(4)');
    expect(outcome).toMatchObject({ stdout: 'bye\n', exitCode: 4, stateLost: true });
    expect(resultOf(await deno('typeof kept'))).toBe("'undefined'");
  });
});
