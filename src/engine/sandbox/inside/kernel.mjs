/** The user's JavaScript: one cell after another in one global scope. Everything here is within the user's reach. */

import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';
import { LOAD } from './cell-source.mjs';
import { abandon, ownedBy } from './continuations.mjs';
import { Outputs } from './outputs.mjs';
import { addMap, describeStack, scriptName } from './stacks.mjs';
import { leaveTimers, stopTimers, watchTimers } from './timers.mjs';

/** A cell may declare others of these names, which would be seen here, too. */
const {
  Atomics,
  Buffer,
  Deno,
  Error,
  Int32Array,
  Number,
  Object,
  Promise,
  Set,
  SharedArrayBuffer,
  SyntaxError,
  process,
} = globalThis;

const GROUP = 'cell';
/** The error of a command whose code was stopped. */
const TERMINATED = 'ERR_INSPECTOR_COMMAND';
const session = new Session();
const outputs = new Outputs(complain);
/** Deno has none, and does not need them. */
const { promiseHooks } = v8;
const unsettled = new Set();
/** Where V8 puts what it knows by id only. */
const desk = {};
let deskId;
let current;

/** Writes to stderr, whatever the cell has made of its streams. */
function complain(text) {
  for (let rest = Buffer.from(`${text}\n`); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function report(error) {
  try {
    complain(error instanceof Error ? inspect(error) : `Uncaught ${inspect(error)}`);
  } catch {
    complain(
      'Uncaught error, which cannot be shown. Where built-in objects were changed, undo that or start a new session.',
    );
  }
}

/** What V8 answers once the code has ended. V8 has a cell be a promise, and its own answer in its collection kills Node. */
function evaluate(expression) {
  return new Promise((resolve, reject) => {
    let cell;
    const stop = promiseHooks?.onInit((promise) => {
      cell ??= promise;
      unsettled.add(cell);
      stop();
    });
    const parameters = { expression, replMode: true, awaitPromise: true, objectGroup: GROUP };
    session.post('Runtime.evaluate', parameters, (error, answer) => {
      unsettled.delete(cell);
      if (error) reject(error);
      else resolve(answer);
    });
    stop?.();
  });
}

/** The value that V8 describes. */
function take({ objectId, unserializableValue, value }) {
  if (!objectId && !unserializableValue) return value;
  const functionDeclaration = 'function (value) { this.value = value; }';
  const given = [objectId ? { objectId } : { unserializableValue }];
  session.post('Runtime.callFunctionOn', { objectId: deskId, functionDeclaration, arguments: given });
  const taken = desk.value;
  desk.value = undefined;
  return taken;
}

async function run(cell) {
  current = cell;
  outputs.clear();
  leaveTimers();
  if (cell.map) addMap(cell.cell, cell.map);
  try {
    await finishLater(cell, await perform(cell));
  } catch (error) {
    // Of an interruption there is a message, too.
    if (error?.code === TERMINATED || current !== cell) return;
    report(error);
    await finishLater(cell, 1);
  }
}

/** Rejections that nobody handles are known by then. */
async function finishLater(cell, exitCode) {
  await setImmediate();
  if (current === cell) finish(exitCode);
}

async function perform(task) {
  const { cell, script, complaint } = task;
  if (complaint !== undefined) {
    complain(complaint);
    return 1;
  }
  const expression = `${script}\n//# sourceURL=${scriptName(cell)}`;
  const { result, exceptionDetails } = await ownedBy(cell, () => evaluate(expression));
  if (exceptionDetails) throw take(exceptionDetails.exception);
  // So that the cell ends when its `main()` does.
  const value = result.subtype === 'promise' ? await take(result) : take(result);
  if (value !== undefined && current === task) outputs.add('result', value);
  return 0;
}

function finish(exitCode) {
  say({ exitCode });
  current = undefined;
  session.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  session.post('Runtime.discardConsoleEntries');
}

function say(outcome) {
  thread.postMessage({ cell: current?.cell, outputs: outputs.items, ...outcome });
}

function interrupt() {
  if (!current) return;
  stopTimers();
  abandon(current.cell, () => session.post('Runtime.terminateExecution'));
  finish(1);
}

/** Deno breaks when it ends within a cell, so it is ended from outside. */
function leave(code = 0) {
  say({ exitCode: Number(code) & 0xff, leaving: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** A module that has all of the names that were imported; else the stack leads to where they were. */
async function requireNames(loading, specifier, names) {
  const error = new SyntaxError();
  Error.captureStackTrace(error, requireNames);
  const module = await loading;
  for (const name of names)
    if (!(name in module)) {
      error.message = `The requested module '${specifier}' does not provide an export named '${name}'`;
      throw error;
    }
  return module;
}

/** What a module of CommonJS finds in its scope, and what cells have besides. */
function furnish() {
  const filename = join(process.cwd(), 'cell');
  const module = new Module(filename);
  module.filename = filename;
  module.paths = Module._nodeModulePaths?.(process.cwd()) ?? [];
  const require = createRequire(filename);
  require.main = module;
  const importer = '(specifier, options) => import(specifier, options)';
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const load = new vm.Script(importer, { filename, importModuleDynamically }).runInThisContext();
  load.names = requireNames;
  load.meta = {
    url: pathToFileURL(filename).href,
    filename,
    dirname: process.cwd(),
    resolve: (specifier) => {
      const path = require.resolve(specifier);
      return path.startsWith('/') ? pathToFileURL(path).href : path;
    },
  };
  const display = (value) => outputs.add('display', value);
  const found = {
    require,
    module,
    exports: module.exports,
    __filename: filename,
    __dirname: process.cwd(),
    display,
    [LOAD]: load,
  };
  for (const [name, value] of Object.entries(found))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

session.connect();
globalThis[LOAD] = desk;
session.post('Runtime.evaluate', { expression: LOAD }, (_, { result }) => {
  deskId = result.objectId;
});
furnish();
watchTimers();
Error.prepareStackTrace = describeStack;
process.argv.length = 1;
// Else what a full pipe does not take yet would come too late.
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);
process.on('SIGINT', () => {});
process.on('uncaughtException', report);
process.on('unhandledRejection', report);

if (Deno) Deno.exit = process.exit = leave;

const thread = new Worker(new URL('kernel-thread.mjs', import.meta.url));
thread.on('message', (message) => (message.interrupt ? interrupt() : run(message)));
