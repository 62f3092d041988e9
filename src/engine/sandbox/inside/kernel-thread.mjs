/** Beside the user's thread: hears the supervisor, compiles cells, and stops them. */

import { Session } from 'node:inspector';
import { Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { CellSyntaxError, rewrite } from './cell-source.mjs';
import { addMap, describeSyntaxError, placeIn } from './stacks.mjs';
import { compile } from './typescript.mjs';

const CHANNEL = 3;
const LENGTHS = 8;
/** How long code that only waits has to hear of its interruption, in milliseconds. */
const HEARD_MS = 100;

const channel = new Socket({ fd: CHANNEL });
const declared = new Map();
let cells = 0;
let current;
let received = [];
let size = 0;
/** Bytes until which nothing can be read. */
let expected = LENGTHS;

channel.on('data', (chunk) => {
  received.push(chunk);
  size += chunk.length;
  while (size >= expected) {
    const bytes = Buffer.concat(received);
    const end = LENGTHS + bytes.readUInt32BE(0);
    expected = end;
    received = [bytes];
    if (size < end) return;
    received = [bytes.subarray(end)];
    size -= end;
    expected = LENGTHS;
    hear(JSON.parse(bytes.subarray(LENGTHS, end).toString()));
  }
});
channel.on('close', () => process.exit());

parentPort.on('message', answer);

function hear(head) {
  if (head.interrupt === undefined) run(head);
  else if (head.interrupt === current?.id) interrupt();
}

function send(head) {
  const text = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(LENGTHS);
  lengths.writeUInt32BE(text.length);
  channel.write(Buffer.concat([lengths, text]));
}

/** What was stopped on its way may be said twice. */
async function answer({ cell, ...outcome }) {
  const answered = current;
  if (cell !== answered?.cell || answered.over) return;
  answered.over = true;
  if (answered.termination) {
    // It may have come too late, and then it ends whatever runs next.
    parentPort.postMessage({ interrupt: true });
    await answered.termination;
  }
  current = undefined;
  send({ id: answered.id, ...outcome });
}

async function run({ id, code, language }) {
  const cell = ++cells;
  current = { id, cell };
  const prepared = await prepare(cell, code, language).catch((error) => ({ complaint: error.message }));
  current.compiled = true;
  if (current.interrupted) await answer({ cell, exitCode: 1, outputs: [] });
  else parentPort.postMessage({ cell, ...prepared });
}

async function prepare(cell, code, language) {
  try {
    if (language === 'typescript') return await compiled(cell, code, 'ts');
    try {
      return { script: rewrite(code, declared) };
    } catch (error) {
      if (!code.includes('@')) throw error;
      // The parser knows no decorators.
      return await compiled(cell, code, 'js').catch(() => Promise.reject(error));
    }
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    return { complaint: describeSyntaxError(cell, code, error) };
  }
}

async function compiled(cell, code, loader) {
  const { script, map } = await compile(code, loader);
  addMap(cell, map);
  try {
    return { script: rewrite(script, declared, { typed: loader === 'ts' }), map };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    const [line, column] = placeIn(cell, error.line, error.column + 1);
    throw new CellSyntaxError(error.message, line, column - 1);
  }
}

function interrupt() {
  const cell = current;
  cell.interrupted = true;
  if (!cell.compiled) return;
  parentPort.postMessage({ interrupt: true });
  setTimeout(() => {
    if (current === cell) cell.termination ??= terminate();
  }, HEARD_MS);
}

/** Ends what keeps the user's thread busy. Deno cannot; there the supervisor kills it. */
function terminate() {
  // A session that stayed would hold up the end of the process.
  const session = new Session();
  try {
    session.connectToMainThread();
  } catch {
    return undefined;
  }
  return new Promise((resolve) => {
    session.post('Runtime.terminateExecution', () => {
      session.disconnect();
      // The message before may have been what was ended.
      parentPort.postMessage({ interrupt: true });
      resolve();
    });
  });
}

send({ ready: true });
