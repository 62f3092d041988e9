import type { NormalizedSchema } from '@smithy/core/schema';
import type { Operation } from '../../engine/wire/operations.ts';
import { type FieldError, MAX_FIELD_ERRORS, memberNames, validate } from '../../engine/wire/validate.ts';
import { ToolFailure } from '../../failure.ts';
import { nearest } from '../../platform/nearest.ts';
import { type Pins, withPins } from './pins.ts';

type Json = unknown;
export type Params = Readonly<Record<string, Json>>;

/** Reads a file of the workspace, for `{"file": path}`. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** Of what the caller wrote, in a message. */
const MAX_SHOWN = 64;

const plainName = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '');

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function brief(value: Json): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/**
 * Turns JSON into an operation's input as the SDK wants it. Repairs what has only one meaning: another spelling of a
 * member's name (`memory_id`), numbers and booleans written as text, numbers where text is wanted. A timestamp is an ISO
 * 8601 text or a number of seconds since 1970. A blob is a text, or one of `{"text"}`, `{"base64"}`, `{"json"}`, `{"file"}`.
 * @throws ToolFailure `Validation` with all problems at once, and what {@link withPins} throws.
 */
export async function inputOf(
  operation: Operation,
  params: Params,
  readFile: ReadFile,
  pins: Pins = {},
): Promise<Record<string, unknown>> {
  const reader = new Reader(readFile);
  const read = (await reader.value(operation.input, params, '')) as Params;
  const input = withPins(operation, read, pins);
  const wrong = reader.problems.map(({ name }) => name);
  const isNew = ({ name }: FieldError) => !wrong.some((path) => name === path || name.startsWith(`${path}.`));
  const problems = [...reader.problems, ...validate(operation, input).filter(isNew)];
  if (problems.length === 0) return input;
  const told = problems
    .slice(0, MAX_FIELD_ERRORS)
    .map(({ name, message }) => `${name || 'params'} ${message}`);
  const more = problems.length > told.length ? `; and ${problems.length - told.length} more` : '';
  throw new ToolFailure({
    code: 'Validation',
    message: `${operation.name}: ${told.join('; ')}${more}.`,
    hint: `search_aws_api with ${operation.name} shows what it takes. Nothing was sent.`,
  });
}

class Reader {
  readonly problems: FieldError[] = [];
  readonly #readFile: ReadFile;

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** The value as the SDK wants it; undefined after a problem. */
  async value(schema: NormalizedSchema, value: Json, path: string): Promise<unknown> {
    if (schema.isDocumentSchema()) return value;
    if (schema.isStructSchema()) return this.#structure(schema, value, path);
    if (schema.isListSchema()) return this.#list(schema, value, path);
    if (schema.isMapSchema()) return this.#map(schema, value, path);
    if (schema.isBlobSchema()) return this.#blob(value, path);
    if (schema.isTimestampSchema()) return this.#timestamp(value, path);
    if (schema.isNumericSchema()) return this.#number(value, path);
    if (schema.isBooleanSchema()) return this.#boolean(value, path);
    return this.#text(value, path);
  }

  async #structure(schema: NormalizedSchema, value: Json, path: string): Promise<unknown> {
    if (!isObject(value)) return this.#wrong(path, `must be an object with ${memberNames(schema)}`, value);
    const members = schema.getMemberSchemas();
    const result: Record<string, unknown> = {};
    for (const [key, given] of Object.entries(value)) {
      if (given === null || given === undefined) continue;
      const name = Object.keys(members).find((member) => plainName(member) === plainName(key));
      const shownName = name ?? key.slice(0, MAX_SHOWN);
      const memberPath = path ? `${path}.${shownName}` : shownName;
      const member = name === undefined ? undefined : members[name];
      if (name === undefined || member === undefined) this.#unknown(memberPath, shownName, schema);
      else if (name !== key && Object.hasOwn(value, name)) this.#problem(memberPath, 'is given twice');
      else result[name] = await this.value(member, given, memberPath);
    }
    return result;
  }

  async #list(schema: NormalizedSchema, value: Json, path: string): Promise<unknown> {
    if (!Array.isArray(value)) return this.#wrong(path, 'must be a list', value);
    const entry = schema.getValueSchema();
    return Promise.all(value.map((item, index) => this.value(entry, item, `${path}[${index}]`)));
  }

  async #map(schema: NormalizedSchema, value: Json, path: string): Promise<unknown> {
    if (!isObject(value)) return this.#wrong(path, 'must be an object', value);
    const entry = schema.getValueSchema();
    const entries = Object.entries(value).map(async ([key, item]) => [
      key,
      await this.value(entry, item, `${path}[${brief(key)}]`),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }

  async #blob(value: Json, path: string): Promise<unknown> {
    if (typeof value === 'string') return Buffer.from(value);
    const [[form, content] = [], ...others] = isObject(value) ? Object.entries(value) : [];
    if (others.length === 0 && form === 'json') return Buffer.from(JSON.stringify(content));
    if (others.length === 0 && typeof content === 'string') {
      if (form === 'text') return Buffer.from(content);
      if (form === 'file') return this.#readFile(content);
      if (form === 'base64') return this.#base64(content, path);
    }
    return this.#wrong(
      path,
      'must be a text, {"text"}, {"base64"}, {"json"} or {"file": workspace path}',
      value,
    );
  }

  #base64(text: string, path: string): unknown {
    const bytes = Buffer.from(text, 'base64');
    const whole = bytes.toString('base64').replaceAll('=', '') === text.replaceAll(/[\s=]/g, '');
    return whole ? bytes : this.#wrong(`${path}.base64`, 'must be base64', text);
  }

  #timestamp(value: Json, path: string): unknown {
    const time =
      typeof value === 'number'
        ? new Date(value * 1000)
        : new Date(/^\d{4}-/.test(String(value)) ? String(value) : Number.NaN);
    if (!Number.isNaN(time.getTime()) && time.getUTCFullYear() <= 9999) return time;
    return this.#wrong(
      path,
      'must be an ISO 8601 time such as 2026-01-31T12:00:00Z, or seconds since 1970',
      value,
    );
  }

  #number(value: Json, path: string): unknown {
    const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number)
      ? number
      : this.#wrong(path, 'must be a number', value);
  }

  #boolean(value: Json, path: string): unknown {
    if (value === 'true' || value === 'false') return value === 'true';
    return typeof value === 'boolean' ? value : this.#wrong(path, 'must be true or false', value);
  }

  #text(value: Json, path: string): unknown {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return typeof value === 'string' ? value : this.#wrong(path, 'must be a text', value);
  }

  #unknown(path: string, key: string, schema: NormalizedSchema): void {
    const meant = nearest(key, Object.keys(schema.getMemberSchemas()));
    this.#problem(
      path,
      meant ? `is unknown (did you mean ${meant}?)` : `is unknown, there are ${memberNames(schema)}`,
    );
  }

  #wrong(path: string, what: string, value: Json): undefined {
    this.#problem(path, `${what}, is ${brief(value)}`);
    return undefined;
  }

  #problem(name: string, message: string): void {
    this.problems.push({ name, message });
  }
}
