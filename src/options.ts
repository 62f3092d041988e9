import { parseArgs } from 'node:util';
import { z } from 'zod';
import { nearest } from './platform/nearest.ts';

// Most schemas are used a few times: code of its own for each would take longer to make than it saves.
z.config({ jitless: true });

/** What an option is, besides its schema. */
export interface OptionMeta {
  group: string;
  /** One line for the help and the option table. */
  description: string;
  /** As a user would write it. */
  default?: string;
  /** Read from the environment only and never shown. */
  secret?: boolean;
  /** Read from the environment only, as programs without a command line of their own read it too. */
  envOnly?: boolean;
  /** Read from the command line only: it belongs to one command. */
  flagOnly?: boolean;
}

/** One row of the option table. */
export interface Option extends OptionMeta {
  key: string;
  /** Without the dashes. */
  flag: string;
  env: string;
  kind: 'value' | 'switch' | 'list';
  /** What is allowed, where that is a choice of few. */
  choices?: readonly string[];
}

/** A table of options: flags, variables and documentation all follow from it. */
export type OptionTable = z.ZodObject;

/** Wrong flags, variables or arguments; the message is complete and meant for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const registry = z.registry<OptionMeta & Pick<Option, 'kind' | 'choices'>>();

type Text = z.ZodType<unknown, string>;

const choicesOf = (schema: Text) => (schema instanceof z.ZodEnum ? schema.options.map(String) : undefined);

/** An option with one value. The schema's error says what is allowed, e.g. `a whole number from 0 to 9`. */
export function value<Schema extends Text>(
  schema: Schema,
  meta: OptionMeta & { default: string },
): z.ZodPrefault<Schema>;
export function value<Schema extends Text>(schema: Schema, meta: OptionMeta): z.ZodOptional<Schema>;
export function value(schema: Text, meta: OptionMeta) {
  const option = meta.default === undefined ? schema.optional() : schema.prefault(meta.default);
  return option.register(registry, { ...meta, kind: 'value', choices: choicesOf(schema) });
}

/** An option that is on or off, and off unless given. */
export function toggle(meta: OptionMeta) {
  const schema = z.stringbool({ error: 'true, false' }).prefault('false');
  return schema.register(registry, { ...meta, kind: 'switch' });
}

/** An option with values separated by commas, which may be given more than once; empty unless given. */
export function list<Item extends Text>(item: Item, meta: OptionMeta) {
  const split = (joined: string) =>
    joined
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean);
  const schema = z.string().transform(split).pipe(z.array(item)).prefault('');
  return schema.register(registry, { ...meta, kind: 'list', choices: choicesOf(item) });
}

/** Text of a certain form; `allowed` describes the form. */
export const text = (allowed: string, pattern = /./) => z.string().regex(pattern, allowed);

export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: values.join(', ') });

export function wholeNumber(min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`;
  const schema = z.int(allowed).min(min, allowed).max(max, allowed);
  return z
    .string()
    .regex(/^-?\d+$/, allowed)
    .transform(Number)
    .pipe(schema);
}

/** The rows of a table, in its order. */
export function optionsOf(table: OptionTable): Option[] {
  return Object.entries(table.shape).map(([key, schema]) => {
    const meta = registry.get(schema as z.ZodType);
    if (!meta) throw new Error(`The option ${key} was not made by value(), toggle() or list().`);
    const words = key.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
    const envOnly = meta.envOnly || meta.secret;
    return {
      ...meta,
      envOnly,
      key,
      flag: words,
      env: `AGENTCORE_MCP_${words.toUpperCase().replaceAll('-', '_')}`,
    };
  });
}

interface Given {
  /** What the user has to look at: `--port` or `AGENTCORE_MCP_PORT`. */
  source: string;
  value: string;
}

function fromEnvironment(options: Option[], env: NodeJS.ProcessEnv): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const option of options) {
    const raw = env[option.env];
    if (raw && !option.flagOnly) given.set(option.key, { source: option.env, value: raw });
  }
  return given;
}

function fromFlags(options: Option[], args: readonly string[]) {
  const flags = options.filter((option) => !option.envOnly);
  const declared = Object.fromEntries(
    flags.map(({ flag, kind }) => [flag, { type: kind === 'switch' ? 'boolean' : 'string' } as const]),
  );
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: declared,
    strict: false,
    tokens: true,
  });
  const given = new Map<string, Given>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const negated = token.name.startsWith('no-') && !(token.name in declared);
    const name = negated ? token.name.slice('no-'.length) : token.name;
    const option = flags.find(({ flag, kind }) => flag === name && (!negated || kind === 'switch'));
    if (!option) throw unknownFlag(token.rawName, token.name, options);
    const raw = option.kind === 'switch' ? (token.value ?? String(!negated)) : token.value;
    if (raw === undefined || (raw.startsWith('--') && !token.inlineValue)) {
      throw new UsageError(`${token.rawName} needs a value.`);
    }
    const before = option.kind === 'list' ? given.get(option.key) : undefined;
    given.set(option.key, { source: `--${token.name}`, value: before ? `${before.value},${raw}` : raw });
  }
  return { given, positionals };
}

function unknownFlag(shown: string, name: string, options: Option[]): UsageError {
  const variable = options.find((option) => option.envOnly && option.flag === name);
  if (variable) {
    const what = variable.secret ? 'a secret and not a flag' : 'not a flag';
    return new UsageError(`${shown} is ${what}. Set ${variable.env} instead.`);
  }
  const meant = nearest(
    name,
    options.filter((option) => !option.envOnly).map((option) => option.flag),
  );
  return new UsageError(
    `Unknown option ${shown}.${meant ? ` Did you mean --${meant}?` : ''} --help lists the options.`,
  );
}

/**
 * Reads a table's options: a flag wins over its variable, and that over the default. An empty variable counts as unset.
 * @returns the values by key, and the arguments that are no options.
 * @throws UsageError that names each wrong option, its value and what is allowed.
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { values: z.output<Table>; positionals: string[] } {
  const options = optionsOf(table);
  const { given: flags, positionals } = fromFlags(options, args);
  const given = new Map([...fromEnvironment(options, env), ...flags]);
  const raw = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const read = table.safeParse(raw, { reportInput: true });
  if (read.success) return { values: read.data, positionals };
  const problems = read.error.issues.map(({ path: [key], input, message }) => {
    const shown = options.some((option) => option.key === key && option.secret) ? 'The value' : `"${input}"`;
    return `${given.get(String(key))?.source}: ${shown} is not allowed. Allowed: ${message}.`;
  });
  throw new UsageError([...new Set(problems)].join('\n'));
}
