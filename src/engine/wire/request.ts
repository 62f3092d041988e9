import type { NormalizedSchema } from '@smithy/core/schema';
import type { HeaderValues, QueryPairs } from './canonical.ts';
import { invalidInput, unreadable, WireError } from './errors.ts';
import { readJson } from './json.ts';
import type { Route } from './router.ts';
import type { Model, Operation } from './schemas.ts';
import { type FieldError, validate } from './validate.ts';

/** The parts of a request that make up an operation's input. */
export interface RequestParts {
  query: QueryPairs;
  headers: HeaderValues;
  body: Uint8Array;
}

/** Reads one member; what does not fit goes to `errors`. */
type Read = (name: string, schema: NormalizedSchema) => unknown;

/**
 * An operation's input, read from where the model puts each member and checked against the model.
 *
 * @throws WireError 400 `ValidationException` naming the members; 415 where the body is no JSON by its content type.
 */
export function readInput({ operation, labels }: Route, parts: RequestParts): Record<string, unknown> {
  checkContentType(operation, parts);
  const errors: FieldError[] = [];
  const fromQuery: Read = (name, schema) => {
    const wireName = schema.getMergedTraits().httpQuery;
    const values = parts.query.filter(([key]) => key === wireName).map(([, value]) => value);
    return readTexts(name, schema, values, errors);
  };
  const fromHeaders: Read = (name, schema) => {
    const values = parts.headers.get(String(schema.getMergedTraits().httpHeader).toLowerCase());
    return readTexts(name, schema, values ? [values.join(', ')] : [], errors);
  };
  const fromPayload: Read = (name, schema) => {
    if (schema.isBlobSchema()) return parts.body;
    const json = parseJson(parts.body);
    return json === undefined ? undefined : keep(readJson(schema, json, name), errors);
  };
  let document: Record<string, unknown> | undefined;
  const fromBody: Read = (name, schema) => {
    document ??= parseObject(parts.body);
    const json = Object.hasOwn(document, name) ? document[name] : undefined;
    return json === undefined || json === null ? undefined : keep(readJson(schema, json, name), errors);
  };

  const input: Record<string, unknown> = {};
  for (const [name, schema] of operation.input.structIterator()) {
    const { httpLabel, httpQuery, httpHeader, httpPayload } = schema.getMergedTraits();
    const value = httpLabel
      ? labels[name]
      : (httpQuery ? fromQuery : httpHeader ? fromHeaders : httpPayload ? fromPayload : fromBody)(
          name,
          schema,
        );
    if (value !== undefined) input[name] = value;
  }
  if (errors.length > 0) throw invalidInput('CannotParse', errors);

  const violations = validate(operation, input);
  if (violations.length > 0) throw invalidInput('FieldValidationFailed', violations);
  return input;
}

/** A member from a query or a header: a text, a number, a truth value or a list of texts. */
function readTexts(
  name: string,
  schema: NormalizedSchema,
  values: readonly string[],
  errors: FieldError[],
): unknown {
  if (schema.isListSchema()) return values.length > 0 ? values : undefined;
  const [text] = values;
  if (text === undefined) return undefined;
  const fail = (message: string) => void errors.push({ name, message });
  if (values.length > 1) return fail('must be given once');
  if (schema.isStringSchema()) return text;
  if (schema.isNumericSchema()) {
    return /^-?\d{1,20}(\.\d{1,20})?$/.test(text) ? Number(text) : fail('must be a number');
  }
  return text === 'true' || text === 'false' ? text === 'true' : fail('must be true or false');
}

function keep({ value, errors }: { value: unknown; errors: FieldError[] }, all: FieldError[]): unknown {
  all.push(...errors);
  return value;
}

const jsonTypes = /^application\/(json|x-amz-json-1\.1)\s*(;|$)/i;

/** Where the model does not leave the content type to the caller, a body is JSON. */
function checkContentType({ input }: Operation<Model>, { headers, body }: RequestParts): void {
  const contentType = headers.get('content-type')?.[0]?.trim();
  if (body.length === 0 || contentType === undefined || jsonTypes.test(contentType)) return;
  const isFree = [...input.structIterator()].some(
    ([, member]) => member.getMergedTraits().httpHeader?.toLowerCase() === 'content-type',
  );
  if (!isFree) {
    throw new WireError('UnsupportedMediaTypeException', 415, 'The body must be sent as application/json.');
  }
}

function parseObject(body: Uint8Array): Record<string, unknown> {
  const json = parseJson(body) ?? {};
  if (typeof json !== 'object' || Array.isArray(json)) throw unreadable('The body must be a JSON object.');
  return json as Record<string, unknown>;
}

/** The body as JSON; undefined where there is none. */
function parseJson(body: Uint8Array): unknown {
  if (body.length === 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw unreadable('The body is not UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable('The body is not JSON.');
  }
}
