import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Interpreter } from '../../../../src/engine/sandbox/interpreters.ts';
import { commandLine } from '../../../../src/engine/services/runtime/session-command-line.ts';
import { temporaryDir } from '../../../support/temporary.ts';

function interpreter(language: Interpreter['language']): Interpreter {
  return { language, version: '', hostExecutable: '', executable: `/opt/${language}`, mounts: [] };
}

function withProgram(path: string, content: string): string {
  const folder = temporaryDir();
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
  return folder;
}

test('a file alone is run by the interpreter', () => {
  const given = { entryPoint: ['src/main.py'], codeFolder: '/nowhere' };
  expect(commandLine(given, interpreter('python'))).toEqual(['/opt/python', '/var/task/src/main.py']);
});

test('a launcher of a package is run by the interpreter, whatever machine it was made on', () => {
  const codeFolder = withProgram(
    'bin/opentelemetry-instrument',
    '#!/home/me/.venv/bin/python3\nimport sys\n',
  );
  const given = { entryPoint: ['opentelemetry-instrument', 'main.py'], codeFolder };
  const launched = [
    '/opt/python',
    '/var/task/bin/opentelemetry-instrument',
    '/opt/python',
    '/var/task/main.py',
  ];
  expect(commandLine(given, interpreter('python'))).toEqual(launched);
});

test('a launcher takes what is no Python file as it is, and one that the system runs is left to it', () => {
  const codeFolder = withProgram('bin/serve', '#!/usr/bin/env bash\nexec "$@"\n');
  const given = { entryPoint: ['serve', 'main:app'], codeFolder };
  expect(commandLine(given, interpreter('python'))).toEqual(['/var/task/bin/serve', 'main:app']);
});

test('a launcher of Node is found where npm puts it', () => {
  const codeFolder = withProgram('node_modules/.bin/tsx', '#!/usr/bin/env node\n');
  const given = { entryPoint: ['tsx', 'main.ts'], codeFolder };
  expect(commandLine(given, interpreter('node'))).toEqual([
    '/opt/node',
    '/var/task/node_modules/.bin/tsx',
    'main.ts',
  ]);
});

test('the interpreter as launcher is the one chosen', () => {
  const codeFolder = '/nowhere';
  expect(commandLine({ entryPoint: ['python', 'main.py'], codeFolder }, interpreter('python'))).toEqual([
    '/opt/python',
    '/var/task/main.py',
  ]);
  expect(commandLine({ entryPoint: ['node', 'main.js'], codeFolder }, interpreter('node'))).toEqual([
    '/opt/node',
    'main.js',
  ]);
});

test('a launcher that is not there is named', () => {
  const given = { entryPoint: ['opentelemetry-instrument', 'main.py'], codeFolder: temporaryDir() };
  expect(() => commandLine(given, interpreter('python'))).toThrow(
    /starts with opentelemetry-instrument, which the code does not have at bin\/opentelemetry-instrument/,
  );
});
