/** Stacks that show the user's code: in words of its cells, and without what runs them. */

import { SourceMap } from 'node:module';

/** A cell may declare others of these names, which would be seen here, too. */
const { Error, Map, Number } = globalThis;

/** Node and Deno name files differently. */
const HERE = [new URL('.', import.meta.url).href, import.meta.dirname];
const INTERNAL = /^(node|ext):/;
/** V8 takes no space in the name of a script. */
const POSITION = /\bcell_(\d+):(\d+):(\d+)/g;

/** What of a line is shown before and after an error, in characters. */
const EXCERPT = 200;

const maps = new Map();

export const scriptName = (cell) => `cell_${cell}`;

/** The place in a cell as the user wrote it; lines and columns count from 1. */
export function placeIn(cell, line, column) {
  const entry = maps.get(cell)?.findEntry(line - 1, column - 1);
  return entry?.originalLine === undefined
    ? [line, column]
    : [entry.originalLine + 1, entry.originalColumn + 1];
}

/** Has the places in a compiled cell lead back to its source. */
export function addMap(cell, map) {
  maps.set(cell, new SourceMap(map));
}

const inCells = (text) =>
  text.replace(POSITION, (_, cell, ...place) => {
    const [line, column] = placeIn(Number(cell), Number(place[0]), Number(place[1]));
    return `Cell ${cell}:${line}:${column}`;
  });

const isOurs = (file) => file.startsWith(HERE[0]) || file.startsWith(HERE[1]);

/** For `Error.prepareStackTrace`. Cells may have spoiled the methods of arrays. */
export function describeStack(error, sites) {
  let stack = heading(error);
  for (const site of sites) {
    const file = site.getFileName() ?? '';
    if (isOurs(file)) break;
    if (!INTERNAL.test(file)) stack += `\n    at ${site}`;
  }
  return inCells(stack);
}

function heading(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

/** A syntax error with the line it is in, or as much of that as can be looked at. */
export function describeSyntaxError(cell, code, { message, line, column }) {
  const from = Math.max(0, column - EXCERPT);
  const text = (code.split('\n')[line - 1] ?? '').slice(from, column + EXCERPT);
  return `Cell ${cell}:${line}:${column + 1}\n${text}\n${' '.repeat(column - from)}^\nSyntaxError: ${message}`;
}
