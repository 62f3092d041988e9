import type { NormalizedSchema } from '@smithy/core/schema';
import { fromBase64, parseEpochTimestamp, parseRfc3339DateTimeWithOffset } from '@smithy/core/serde';
import { shown } from './errors.ts';
import { type FieldError, MAX_FIELD_ERRORS, memberNames } from './validate.ts';

/** JSON nested deeper than this is refused. */
const MAX_DEPTH = 128;

/** A timestamp's schema when the model says that it travels as an ISO 8601 text; any other is epoch seconds. */
const ISO_TIMESTAMP = 5;

/** A value as the SDK types it (dates, byte arrays), or what kept it from being read. */
export interface Reading {
  value: unknown;
  errors: FieldError[];
}

/**
 * Turns parsed JSON into the value a schema describes. Null members count as absent, unknown members of a structure are
 * passed over; everything else that does not fit (types, broken base64 or timestamps, null in lists, unknown members of
 * a union, `__proto__` as a key) is an error.
 *
 * @param path What the value is called in errors.
 */
export function readJson(schema: NormalizedSchema, json: unknown, path: string): Reading {
  const reader = new Reader();
  return { value: reader.read(schema, json, path, 0), errors: reader.errors };
}

class Reader {
  readonly errors: FieldError[] = [];

  read(schema: NormalizedSchema, json: unknown, path: string, depth: number): unknown {
    if (depth > MAX_DEPTH) return this.#fail(path, `is nested deeper than ${MAX_DEPTH} levels`);
    if (this.errors.length >= MAX_FIELD_ERRORS) return undefined;
    if (schema.isDocumentSchema()) return this.#document(schema, json, path, depth);
    if (schema.isStructSchema()) return this.#structure(schema, json, path, depth);
    if (schema.isListSchema()) return this.#list(schema, json, path, depth);
    if (schema.isMapSchema()) return this.#map(schema, json, path, depth);
    if (schema.isTimestampSchema()) return this.#timestamp(schema, json, path);
    if (schema.isBlobSchema()) return this.#blob(json, path);
    if (schema.isNumericSchema()) {
      return typeof json === 'number' && Number.isFinite(json)
        ? json
        : this.#mismatch(path, 'a number', json);
    }
    if (schema.isBooleanSchema())
      return typeof json === 'boolean' ? json : this.#mismatch(path, 'a boolean', json);
    return typeof json === 'string' ? json : this.#mismatch(path, 'a string', json);
  }

  #structure(schema: NormalizedSchema, json: unknown, path: string, depth: number): unknown {
    if (!isRecord(json)) return this.#mismatch(path, 'an object', json);
    const value: Record<string, unknown> = {};
    for (const [name, member] of schema.structIterator()) {
      if (!Object.hasOwn(json, name) || json[name] === null) continue;
      value[name] = this.read(member, json[name], path ? `${path}.${name}` : name, depth + 1);
    }
    if (schema.isUnionSchema()) {
      const unknown = Object.keys(json).find(
        (key) => !Object.hasOwn(value, key) && key !== '__type' && json[key] !== null,
      );
      if (unknown !== undefined) {
        return this.#fail(
          path,
          `must have exactly one member of ${memberNames(schema)}, has ${shown(unknown)}`,
        );
      }
    }
    return value;
  }

  #list(schema: NormalizedSchema, json: unknown, path: string, depth: number): unknown {
    if (!Array.isArray(json)) return this.#mismatch(path, 'a list', json);
    const entry = schema.getValueSchema();
    return json.map((item, index) => this.read(entry, item, `${path}[${index}]`, depth + 1));
  }

  #map(schema: NormalizedSchema, json: unknown, path: string, depth: number): unknown {
    if (!isRecord(json)) return this.#mismatch(path, 'an object', json);
    const entry = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(json).map(([key, item]) => {
        const itemPath = `${path}[${shown(key)}]`;
        this.#key(key, itemPath);
        return [key, this.read(entry, item, itemPath, depth + 1)];
      }),
    );
  }

  /** Free JSON is kept as it is. */
  #document(schema: NormalizedSchema, json: unknown, path: string, depth: number): unknown {
    if (json !== null && typeof json === 'object') {
      for (const [key, item] of Object.entries(json)) {
        const itemPath = Array.isArray(json) ? `${path}[${key}]` : `${path}[${shown(key)}]`;
        this.#key(key, itemPath);
        this.read(schema, item, itemPath, depth + 1);
      }
    }
    return json;
  }

  #timestamp(schema: NormalizedSchema, json: unknown, path: string): unknown {
    const iso = schema.getSchema() === ISO_TIMESTAMP;
    try {
      const date =
        iso && typeof json === 'string'
          ? parseRfc3339DateTimeWithOffset(json)
          : !iso && typeof json === 'number'
            ? parseEpochTimestamp(json)
            : undefined;
      if (date && !Number.isNaN(date.getTime())) return date;
    } catch {
      // Answered below, like every other timestamp that is none.
    }
    return this.#mismatch(
      path,
      iso ? 'a timestamp like "2026-01-31T12:00:00Z"' : 'a number of seconds since 1970',
      json,
    );
  }

  #blob(json: unknown, path: string): unknown {
    try {
      if (typeof json === 'string') return fromBase64(json);
    } catch {
      // Answered below.
    }
    return this.#mismatch(path, 'base64', json);
  }

  #key(key: string, path: string): void {
    if (key === '__proto__') this.#fail(path, 'must have another key');
  }

  #mismatch(path: string, expected: string, json: unknown): undefined {
    const type = json === null ? 'null' : Array.isArray(json) ? 'a list' : `of type ${typeof json}`;
    return this.#fail(path, `must be ${expected}, is ${type}`);
  }

  #fail(name: string, message: string): undefined {
    if (this.errors.length < MAX_FIELD_ERRORS) this.errors.push({ name, message });
  }
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return json !== null && typeof json === 'object' && !Array.isArray(json);
}
