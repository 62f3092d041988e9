/** The timers of the cell at hand: where it is interrupted, what waits for one of them is not to go on. */

import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { promisify } from 'node:util';

/** A cell may declare others of these names, which would be seen here, too. */
const { clearTimeout, clearImmediate, setTimeout, setInterval, setImmediate } = globalThis;
const { Promise, Reflect, Set } = globalThis;
/** What stops each of them. */
let stops = new Set();

/** From now on timers are of the next cell. */
export function leaveTimers() {
  stops = new Set();
}

export function stopTimers() {
  for (const stop of stops) stop();
}

/** Keeps an eye on all timers that are started from now on. */
export function watchTimers() {
  const functions = {
    setTimeout: watched(setTimeout, clearTimeout, true),
    setInterval: watched(setInterval, clearTimeout, false),
    setImmediate: watched(setImmediate, clearImmediate, true),
  };
  Object.assign(timers, functions);
  Object.assign(globalThis, functions);
  const { setTimeout: wait } = promises;
  promises.setTimeout = (delay, value, options) =>
    options
      ? wait(delay, value, options)
      : new Promise((resolve) => functions.setTimeout(resolve, delay, value));
  functions.setTimeout[promisify.custom] = promises.setTimeout;
  syncBuiltinESMExports();
}

function watched(start, clear, once) {
  return {
    [start.name](callback, ...more) {
      if (typeof callback !== 'function') return start(callback, ...more);
      const own = stops;
      const stop = () => clear(timer);
      const timer = start(
        function (...given) {
          if (once) own.delete(stop);
          return Reflect.apply(callback, this, given);
        },
        ...more,
      );
      own.add(stop);
      return timer;
    },
  }[start.name];
}
