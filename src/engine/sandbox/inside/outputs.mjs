/** The rich outputs of the cell at hand. Cells may have spoiled the methods of arrays. */

import { inspect } from 'node:util';

/** A cell may declare others of these names, which would be seen here, too. */
const { Buffer, JSON, Object, String, Symbol, Uint8Array } = globalThis;

/** Of a cell, in characters of JSON. */
const MAX_SIZE = 32 << 20;
const MIME_TYPE = /^[a-z]+\/[\w.+-]+$/;
const BUNDLE = Symbol.for('Jupyter.display');

export class Outputs {
  items = [];
  #size = 0;
  #complain;

  constructor(complain) {
    this.#complain = complain;
  }

  clear() {
    this.items = [];
    this.#size = 0;
  }

  add(kind, value) {
    if (value?.length > MAX_SIZE && typeof value === 'string') return this.#leaveOut(value.length);
    const data = {};
    for (const [type, content] of Object.entries(bundleOf(value))) data[type] = asText(content);
    const size = JSON.stringify(data).length;
    if (this.#size + size > MAX_SIZE) return this.#leaveOut(size);
    this.#size += size;
    this.items[this.items.length] = { kind, data };
  }

  #leaveOut(size) {
    this.#complain(`An output of ${size} characters was left out: a cell can show ${MAX_SIZE}.`);
  }
}

/** What a value says of itself by MIME type; the forms given as such an object; else as `util.inspect` shows it. */
function bundleOf(value) {
  if (typeof value?.[BUNDLE] === 'function') return value[BUNDLE]();
  return value?.constructor === Object && isBundle(Object.keys(value))
    ? value
    : { 'text/plain': inspect(value) };
}

function isBundle(keys) {
  for (const key of keys) if (!MIME_TYPE.test(key)) return false;
  return keys.length > 0;
}

function asText(content) {
  if (typeof content === 'string') return content;
  if (content instanceof Uint8Array) return Buffer.from(content).toString('base64');
  return JSON.stringify(content) ?? String(content);
}
