/** What cells go on with after they waited. Of an interrupted cell that is ended, as far as it is more than a last step or two. */

import { AsyncLocalStorage } from 'node:async_hooks';
import v8 from 'node:v8';

/** A cell may declare others of these names, which would be seen here, too. */
const { Deno, Map, Set, process } = globalThis;
const { nextTick } = process;

/** How often an interrupted cell may still go on: what only waited for a promise does so once. */
const LAST_STEPS = 2;

const owner = new AsyncLocalStorage();
/** How often each interrupted cell has gone on. */
const steps = new Map();
/** The cells whose code ran since the event loop came round. */
const awake = new Set();
let terminate;

/** Has all that `action` sets off count as that of a cell. */
export function ownedBy(cell, action) {
  wake(cell);
  return owner.run(cell, action);
}

/** From now on ends what a cell goes on with, by `terminating` what runs. */
export function abandon(cell, terminating) {
  if (!terminate) watch();
  terminate = terminating;
  steps.set(cell, 0);
}

function watch() {
  if (!Deno) return v8.promiseHooks.onBefore(goOn);
  const ignore = () => {};
  Deno[Deno.internal]?.core?.setPromiseHooks?.(ignore, goOn, ignore, ignore);
}

function wake(cell) {
  if (awake.size === 0) nextTick(() => awake.clear());
  awake.add(cell);
}

function goOn() {
  const cell = owner.getStore();
  if (cell === undefined || awake.has(cell)) return;
  wake(cell);
  if (!steps.has(cell)) return;
  steps.set(cell, steps.get(cell) + 1);
  if (steps.get(cell) > LAST_STEPS && !othersAwake()) terminate();
}

/** Terminating takes along what others are about to go on with. */
function othersAwake() {
  for (const cell of awake) if (!steps.has(cell)) return true;
  return false;
}
