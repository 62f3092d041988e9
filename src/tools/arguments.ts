import { z } from 'zod';
import type { Pins } from '../agentcore/api/pins.ts';
import { ToolFailure } from '../failure.ts';
import { nearest } from '../platform/nearest.ts';
import type { Tool } from './define.ts';

/** The tool's arguments with the operator's pins put in, checked against the tool's schema. */
export function readArguments<Input extends z.ZodObject>(
  tool: Tool<Input>,
  given: unknown,
  pins: Pins,
): z.output<Input> {
  const args = given ?? {};
  if (typeof args !== 'object' || Array.isArray(args))
    throw invalid(tool, [`the arguments must be an object, not ${show(args)}`], pins);
  const read = tool.input.safeParse({ ...args, ...pinned(tool, args, pins) });
  if (read.success) return read.data;
  throw invalid(
    tool,
    read.error.issues.flatMap((issue) => explain(issue, args as Record<string, unknown>, tool, pins)),
    pins,
  );
}

/** The names a client may use. */
export function argumentNames(tool: Tool, pins: Pins): string[] {
  return Object.keys(tool.input.shape).filter((name) => !(name in pins));
}

function pinned(tool: Tool, args: object, pins: Pins): Record<string, string> {
  const own = Object.entries(pins).filter(([name]) => name in tool.input.shape);
  const overridden = own.filter(
    ([name, { value }]) => Object.hasOwn(args, name) && Reflect.get(args, name) !== value,
  );
  if (overridden.length > 0)
    throw invalid(
      tool,
      overridden.map(([name, { value, flag }]) => `${name} is fixed to ${value} by ${flag}; leave it out`),
      pins,
    );
  return Object.fromEntries(own.map(([name, { value }]) => [name, value]));
}

function invalid(tool: Tool, problems: string[], pins: Pins): ToolFailure {
  const names = argumentNames(tool, pins);
  return new ToolFailure({
    code: 'InvalidArgument',
    message: `${tool.name}: ${problems.join('; ')}.`,
    hint: `Expected arguments: ${names.map((name) => describe(tool, name)).join(', ') || 'none'}.`,
  });
}

function describe(tool: Tool, name: string): string {
  return tool.input.shape[name] instanceof z.ZodOptional || tool.input.shape[name] instanceof z.ZodDefault
    ? `${name} (optional)`
    : name;
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, args: Record<string, unknown>, tool: Tool, pins: Pins): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownArgument(key, tool, pins));
  const name = issue.path.map(String).join('.');
  const value = issue.path.reduce<unknown>(
    (at, key) => (Object(at) as Record<PropertyKey, unknown>)[key],
    args,
  );
  if (value === undefined && issue.code === 'invalid_type') return [`${name} is missing`];
  const expected = expectation(issue);
  if (expected === undefined) return [name ? `${name}: ${issue.message}` : issue.message];
  const withoutNull = value === null ? '; leave out what you do not need' : '';
  return [`${name} must be ${expected}, not ${show(value)}${withoutNull}`];
}

function unknownArgument(key: string, tool: Tool, pins: Pins): string {
  const meant = nearest(key.slice(0, 64), argumentNames(tool, pins));
  return `unknown argument ${show(key)}${meant ? ` (did you mean ${meant}?)` : ''}`;
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const units: Record<string, string> = { string: 'characters', array: 'items' };

/** What the schema wants, in words; undefined where the issue carries its own. */
function expectation(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => String(value)).join(' or ');
    case 'too_small':
      return `at least ${issue.minimum} ${units[issue.origin] ?? ''}`.trimEnd();
    case 'too_big':
      return `at most ${issue.maximum} ${units[issue.origin] ?? ''}`.trimEnd();
    default:
      return undefined;
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
