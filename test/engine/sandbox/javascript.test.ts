import { beforeAll, expect, it } from 'vitest';
import type { CellOutcome } from '../../../src/engine/sandbox/sandbox.ts';
import { describeSandbox, resultOf, useSandbox } from './support.ts';

const FILES = {
  'lib.mjs':
    'export const seven = 7; export default 8; export function fail() { throw new Error("in lib"); }',
  'data.json': '{"a": 1}',
  'typed.ts': 'export interface Shape { side: number }\nexport enum Size { Small = 2 }',
  'node_modules/pkg/index.js': 'exports.named = 4;',
};

const data = ({ outputs }: CellOutcome) => outputs.map((output) => output.data);

describeSandbox('a cell of JavaScript', () => {
  const shared = useSandbox();
  const { javascript } = shared;

  beforeAll(async () => {
    for (const [path, content] of Object.entries(FILES))
      await shared.sandbox.writeFile(path, Buffer.from(content));
  });

  it('gives the value of its last expression apart from what it printed', async () => {
    const outcome = await javascript('console.log("out"); console.error("err"); [1, new Map([["a", 2]])]');
    expect(outcome).toMatchObject({ stdout: 'out\n', stderr: 'err\n', exitCode: 0, stateLost: false });
    expect(outcome.outputs).toEqual([
      { kind: 'result', data: { 'text/plain': "[ 1, Map(1) { 'a' => 2 } ]" } },
    ]);
    expect((await javascript('undefined')).outputs).toEqual([]);
    for (const [code, text] of [
      ["'text'", "'text'"],
      ['-0', '-0'],
      ['10n ** 20n', '100000000000000000000n'],
      ['Symbol("s")', 'Symbol(s)'],
      ['null', 'null'],
    ] as const)
      expect(resultOf(await javascript(code))).toBe(text);
  });

  it('shows rich outputs by their MIME types', async () => {
    const shown = await javascript(
      `display({ 'text/html': '<b>x</b>' });
      display({ 'image/png': Buffer.from('png'), 'application/json': { a: 1 } });
      ({ [Symbol.for('Jupyter.display')]: () => ({ 'text/markdown': '# y' }) })`,
    );
    expect(data(shown)).toEqual([
      { 'text/html': '<b>x</b>' },
      { 'image/png': Buffer.from('png').toString('base64'), 'application/json': '{"a":1}' },
      { 'text/markdown': '# y' },
    ]);
    const large = await javascript('"z".repeat(34e6)');
    expect(large).toMatchObject({
      exitCode: 0,
      outputs: [],
      stderr: expect.stringContaining('was left out'),
    });
  });

  it('keeps what it declares, and declares it anew in another way', async () => {
    await javascript('let a = 1; const b = 2; var c = 3; function d() { return 4 } class E { static e = 5 }');
    expect(resultOf(await javascript('[a, b, c, d(), E.e]'))).toBe('[ 1, 2, 3, 4, 5 ]');
    await javascript('for (var i = 0; i < 3; i++);');
    const anew = 'const a = [6]; let b = 7; b++; const c = 8; class d {} function E() { return 9 }; let i;';
    expect(resultOf(await javascript(`${anew} [a[0], b, c, typeof d, E(), i]`))).toBe(
      "[ 6, 8, 8, 'function', 9, undefined ]",
    );
    await javascript('function a() { return 1 } var b = 2; var { c } = { c: 3 }; const d = 4; let E = 5');
    expect(resultOf(await javascript('for (var b = 0; b < 9; b++); [a(), b, c, d, E]'))).toBe(
      '[ 1, 9, 3, 4, 5 ]',
    );
  });

  it('imports and requires, relative to the working directory', async () => {
    await javascript(
      `import fs, { readFileSync as read } from 'node:fs';
      import eight, {
        seven, fail } from './lib.mjs';
      import * as path from 'node:path'; import './lib.mjs';
      import data from './data.json' with { type: 'json' };
      import pkg, { named } from 'pkg';
      export const own = 1; export default class Own {}; export { own as other };`,
    );
    const all =
      '[typeof fs.statSync, read("data.json", "utf8"), eight, seven, path.sep, data, pkg, named, own]';
    expect(resultOf(await javascript(`JSON.stringify(${all})`))).toBe(
      `'["function","{\\\\"a\\\\": 1}",8,7,"/",{"a":1},{"named":4},4,1]'`,
    );
    expect(resultOf(await javascript('(await import("./lib.mjs")).default + require("pkg").named'))).toBe(
      '12',
    );
    expect(resultOf(await javascript('[import.meta.url, __dirname, require.main === module]'))).toBe(
      "[ 'file:///workspace/cell', '/workspace', true ]",
    );
    expect((await javascript('1;\nimport { sevn } from "./lib.mjs"')).stderr).toMatch(
      /^SyntaxError: .*'.\/lib.mjs' does not provide an export named 'sevn'\n {4}at Cell \d+:2:\d+\n$/,
    );
    expect((await javascript('import "./none.mjs"')).stderr).toMatch(
      /^\[?Error: Cannot find module .*none.mjs/,
    );
  });

  it('awaits at the top level, and for the promise that it ends with', async () => {
    expect(
      resultOf(await javascript('const soon = await new Promise((r) => setTimeout(r, 5, 1)); soon')),
    ).toBe('1');
    const main = 'async function main() { await null; console.log("in main"); return 2 }\nmain()';
    const outcome = await javascript(main);
    expect(outcome.stdout).toBe('in main\n');
    expect(resultOf(outcome)).toBe('2');
    const failing = await javascript('(async () => { await null; throw new TypeError("late") })()');
    expect(failing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('TypeError: late') });
  });

  it('fails with a stack of the user’s own code', async () => {
    const outcome = await javascript(
      'import { sep } from "node:path";\nfunction divide() {\n  throw new RangeError("no")\n}\nconsole.log("before");\nawait null;\n[1].map(() => divide())',
    );
    expect(outcome).toMatchObject({ exitCode: 1, stdout: 'before\n' });
    expect(outcome.stderr).toMatch(
      /^RangeError: no\n {4}at divide \(Cell \d+:3:9\)\n {4}at Cell \d+:7:15\n {4}at Array.map \(<anonymous>\)\n {4}at Cell \d+:7:5\n$/,
    );
    expect((await javascript('fail()')).stderr).toMatch(
      /^Error: in lib\n {4}at fail \(file:\/\/\/workspace\/lib.mjs:1:\d+\)\n {4}at Cell \d+:1:1\n$/,
    );
    expect((await javascript('new Error("x").stack')).outputs[0]?.data['text/plain']).not.toContain('kernel');
    expect((await javascript('throw 5')).stderr).toBe('Uncaught 5\n');
    expect((await javascript('throw undefined')).exitCode).toBe(1);
    const caused = await javascript('throw new Error("a", { cause: new Error("b") })');
    expect(caused.stderr).toMatch(/^Error: a\n.*\[cause\]: Error: b\n/s);
  });

  it('shows the line of a syntax error, and runs nothing', async () => {
    const outcome = await javascript('console.log(1)\nlet x = = 1');
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^Cell \d+:2:9\nlet x = = 1\n {8}\^\nSyntaxError: Unexpected token\n$/);
  });

  it('reports what nobody catches, and lives on', async () => {
    const timer = await javascript(
      'let kept = 1; setTimeout(() => { throw new Error("timer") }); await new Promise((r) => setTimeout(r, 20))',
    );
    expect(timer).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^Error: timer\n.*Cell \d+:1:/s),
    });
    expect((await javascript('Promise.reject(new Error("lost")); 1')).stderr).toMatch(/^Error: lost\n/);
    expect(resultOf(await javascript('kept'))).toBe('1');
  });

  it('prints any bytes, at any length', async () => {
    const bytes = await javascript(
      'process.stdout.write(Buffer.from([255, 10])); console.log("\\ud800 ü 漢")',
    );
    expect(bytes).toMatchObject({ stdout: '\ufffd\n\ufffd ü 漢\n', stderr: '' });
    const flood = await javascript('process.stdout.write("y".repeat(12e6)); console.error("end")');
    expect(flood.overflow).toMatchObject([{ stream: 'stdout', bytes: 12_000_000, savedBytes: 12_000_000 }]);
    expect((await javascript('console.log("next")')).stdout).toBe('next\n');
    expect(resultOf(await javascript(`"${'x'.repeat(1_000_000)}".length`))).toBe('1000000');
  });

  it('withstands names declared over those of the language, and spoiled methods', async () => {
    await javascript(
      'class Promise {} const Object = 1, JSON = 2, process = 3, Error = 4, Map = 5; let Buffer, Set',
    );
    expect(resultOf(await javascript('[Object, JSON]'))).toBe('[ 1, 2 ]');
    const nullish = /^TypeError: .*\n {4}at Cell \d+:1:6\n$/;
    expect((await javascript('null.x')).stderr).toMatch(nullish);
    const methods = '["map", "filter", "some", "every", "find", "findIndex", "slice", "join"]';
    await javascript(`for (const name of ${methods}) Array.prototype[name] = null`);
    expect(resultOf(await javascript('({ a: [1] })'))).toBe('{ a: [ 1 ] }');
    expect((await javascript('null.x')).stderr).toMatch(nullish);
    expect((await javascript('while (true);', { timeoutMs: 200 })).stateLost).toBe(false);
    expect(resultOf(await javascript('(async () => 2)()'))).toBe('2');
  });
});

describeSandbox('a cell of TypeScript', () => {
  const shared = useSandbox();
  const { javascript, typescript } = shared;

  it('shares its scope with JavaScript, and has all that TypeScript adds', async () => {
    await shared.sandbox.writeFile('typed.ts', Buffer.from(FILES['typed.ts']));
    const code = `
      import { type Shape, Size } from './typed.ts';
      import { Shape as Same } from './typed.ts';
      enum Color { Red = 1 }
      const enum Level { High = 7 }
      namespace Space { export const inner = 2 }
      class Point { constructor(private x: number, readonly y = 3) {} sum(): number { return this.x + this.y } }
      const shape: Shape = { side: 5 };
      const identity = <T,>(value: T): T => value;
      [Color.Red, Level.High, Space.inner, new Point(1).sum(), identity(shape)!.side, Size.Small as number]`;
    expect(resultOf(await typescript(code))).toBe('[ 1, 7, 2, 4, 5, 2 ]');
    expect(resultOf(await javascript('Color.Red + Size.Small'))).toBe('3');
    expect(resultOf(await typescript('let text: string = "a"; text satisfies string'))).toBe("'a'");
  });

  it('has decorators, as JavaScript has', async () => {
    await typescript(
      'function twice(method: () => number, context: DecoratorContext) { return function (this: unknown) { return 2 * method.call(this) } }',
    );
    const decorated = 'class Counter { @twice count() { return 4 } }; new Counter().count()';
    expect(resultOf(await typescript(decorated))).toBe('8');
    expect(resultOf(await javascript(decorated))).toBe('8');
  });

  it('fails where its source does', async () => {
    const outcome = await typescript(
      'interface A { a: string }\n\nfunction fail(n: number): never {\n  throw new Error("bad " + n)\n}\nfail(1)',
    );
    expect(outcome.stderr).toMatch(/^Error: bad 1\n {4}at fail \(Cell (\d+):4:9\)\n {4}at Cell \1:6:1\n$/);
    const later = await javascript('fail(2)');
    expect(later.stderr).toMatch(/ {4}at fail \(Cell \d+:4:9\)\n {4}at Cell \d+:1:1\n$/);
  });

  it('shows the line of a syntax error', async () => {
    const outcome = await typescript("let 日: string = 'a';\nlet 日本: number = ;");
    expect(outcome.stderr).toMatch(
      /^Cell \d+:2:18\nlet 日本: number = ;\n {17}\^\nSyntaxError: Unexpected ";"\n$/,
    );
    expect((await typescript('let a: number = 1; let a = 2')).stderr).toMatch(
      /\^\nSyntaxError: .*"a" has already/,
    );
  });
});
