import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/cl100k_base';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { UsageError } from '../../src/options.ts';
import { catalog } from '../../src/tools/catalog.ts';
import { descriptorOf } from '../../src/tools/descriptor.ts';
import { contextWith } from '../support/contexts.ts';

const encoder = new Tiktoken(ranks);
const tokens = (value: unknown) => encoder.encode(JSON.stringify(value)).length;

/** Of the whole list with the 25 tools it is to have in the end, and of one tool. */
const LIST_BUDGET = 5000;
const FINAL_TOOLS = 25;
const TOOL_BUDGET = 450;
/** What a tersely described tool costs. */
const TERSE_TOOL = 160;

const failureMembers = {
  code: 'string',
  message: 'string',
  details: 'string',
  hint: 'string',
  retryable: 'boolean',
  requestId: 'string',
};

describe.each(catalog)('$name', (tool) => {
  const descriptor = descriptorOf(tool, {});
  const properties = Object.entries(descriptor.inputSchema.properties ?? {}) as [
    string,
    Record<string, unknown>,
  ][];

  test('has a name and texts of the agreed form', () => {
    expect(tool.name).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
    expect(tool.title).toMatch(/^\S.{0,38}\S$/);
    expect(tool.description.length).toBeLessThanOrEqual(300);
    expect(tool.description).toMatch(/^[A-Z].*[.]$/s);
    for (const [name, { description = '' }] of properties)
      expect((description as string).length, name).toBeLessThanOrEqual(90);
  });

  test('says all four of what it does to the world', () => {
    const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
    expect(Object.keys(descriptor.annotations ?? {}).toSorted()).toEqual(hints.toSorted());
    expect(descriptor.annotations?.readOnlyHint).toBe(tool.kind === 'read');
  });

  test('takes a flat, strict object', () => {
    const { inputSchema } = descriptor;
    expect(inputSchema.type).toBe('object');
    expect(inputSchema.additionalProperties).toBe(false);
    for (const key of ['anyOf', 'oneOf', 'allOf', '$ref']) expect(inputSchema).not.toHaveProperty(key);
    for (const [name, schema] of properties) {
      expect(schema, name).toHaveProperty('type');
      expect(JSON.stringify(schema), name).not.toMatch(/"null"|anyOf|oneOf|\$ref/);
      if (schema.type === 'object') expect(schema.properties, name).toEqual({});
    }
  });

  test('has an output schema that a failure and a running task fit too', () => {
    const { outputSchema } = descriptor;
    expect(outputSchema).toMatchObject({ type: 'object' });
    expect(JSON.stringify(outputSchema)).not.toMatch(/"required"|additionalProperties|"null"/);
    for (const name of Object.keys(failureMembers)) expect(outputSchema?.properties).not.toHaveProperty(name);
  });

  test('asks for wait_seconds exactly when it is long', () => {
    const takes = 'wait_seconds' in tool.input.shape;
    expect(takes).toBe(tool.long === true || tool.name === 'get_task');
    if (tool.long)
      expect(descriptor.outputSchema?.properties).toMatchObject({
        status: { type: 'string' },
        task: { type: 'string' },
      });
  });

  test(`costs at most ${TOOL_BUDGET} tokens`, () => {
    expect(tokens(descriptor)).toBeLessThanOrEqual(TOOL_BUDGET);
  });
});

test('the list leaves room for the tools that are to come', () => {
  const total = tokens({ tools: catalog.map((tool) => descriptorOf(tool, {})) });
  const room = LIST_BUDGET - total;
  expect(room / (FINAL_TOOLS - catalog.length)).toBeGreaterThanOrEqual(TERSE_TOOL);
});

test('no two tools share a name, and all say something of their own', () => {
  expect(new Set(catalog.map(({ name }) => name)).size).toBe(catalog.length);
  expect(new Set(catalog.map(({ description }) => description)).size).toBe(catalog.length);
});

test('schemas are made once', () => {
  const pins = {};
  for (const tool of catalog) expect(descriptorOf(tool, pins)).toBe(descriptorOf(tool, pins));
});

const api = ['call_aws_api', 'read_aws_api', 'search_aws_api'];
const all = [
  'browse',
  'call_aws_api',
  'create_memory',
  'deploy_agent',
  'get_logs',
  'get_status',
  'get_task',
  'invoke_agent_runtime',
  'list_resources',
  'read_aws_api',
  'remember',
  'retrieve_memory',
  'run_code',
  'search_aws_api',
  'stop_session',
];

describe('what is offered', () => {
  test.each<[string, string[]]>([
    ['', all],
    ['--toolsets code', ['get_task', 'run_code', 'stop_session']],
    ['--toolsets browser', ['browse', 'get_task', 'stop_session']],
    ['--tools run_code', ['get_task', 'run_code', 'stop_session']],
    ['--tools run_code --exclude-tools stop_session', ['get_task', 'run_code']],
    ['--toolsets core', ['get_status', 'get_task', 'list_resources', 'stop_session']],
    ['--toolsets api,code', [...api, 'get_task', 'run_code', 'stop_session'].toSorted()],
    ['--tools run_code,get_status', ['get_status', 'get_task', 'run_code', 'stop_session']],
    ['--tools get_status,search_aws_api', ['get_status', 'search_aws_api']],
    ['--toolsets api --tools run_code', [...api, 'get_task', 'run_code', 'stop_session'].toSorted()],
    ['--toolsets api --exclude-tools get_task', api],
    ['--exclude-tools run_code,call_aws_api', all.filter((name) => !/^(run_code|call_aws_api)$/.test(name))],
    ['--toolsets api --tools run_code --exclude-tools run_code', [...api, 'get_task'].toSorted()],
    ['--tools run_code --exclude-tools run_code', []],
    ['--toolsets agents', ['deploy_agent', 'get_logs', 'get_task', 'invoke_agent_runtime', 'stop_session']],
    ['--toolsets memory', ['create_memory', 'get_task', 'remember', 'retrieve_memory']],
    [
      '--read-only',
      [
        ...['get_logs', 'get_status', 'get_task', 'list_resources', 'read_aws_api', 'retrieve_memory'],
        'search_aws_api',
      ],
    ],
    ['--read-only --tools run_code,get_status', ['get_status']],
    ['--backend aws', all],
    ['--backend aws --read-only --toolsets api', ['get_task', 'read_aws_api', 'search_aws_api']],
  ])('%s', (flags, names) => {
    const { offer } = contextWith(flags.split(' ').filter(Boolean));
    expect(offer.tools.map(({ name }) => name)).toEqual(names);
    expect([...offer.tools.map(({ name }) => name), ...offer.namesOff].toSorted()).toEqual(all);
  });

  test.each([
    ['--tools run_cod', /--tools: there is no tool "run_cod"\. Did you mean run_code\?/],
    ['--exclude-tools get_stats', /--exclude-tools: .*Did you mean get_status\?/],
    ['--tools frobnicate', /There are: browse, call_aws_api, create_memory/],
  ])('%s is refused', (flags, message) => {
    expect(() => contextWith(flags.split(' '))).toThrow(UsageError);
    expect(() => contextWith(flags.split(' '))).toThrow(message);
  });

  test('read-only, all of it says that it only reads', () => {
    const { offer, pins } = contextWith(['--read-only']);
    for (const tool of offer.tools)
      expect(descriptorOf(tool, pins).annotations, tool.name).toMatchObject({ readOnlyHint: true });
  });

  test('a pin takes its argument out of every schema', () => {
    const { offer, pins } = contextWith(['--region', 'eu-west-1']);
    const withRegion = catalog.filter((tool) => 'region' in tool.input.shape);
    expect(withRegion.length).toBeGreaterThan(0);
    for (const tool of offer.tools)
      expect(Object.keys(descriptorOf(tool, pins).inputSchema.properties ?? {})).not.toContain('region');
  });
});

test('inputs are strict: zod itself refuses unknown members', () => {
  for (const { name, input } of catalog) {
    const { error } = input.safeParse({ no_such_argument: 1 });
    expect(
      error?.issues.map(({ code }) => code),
      name,
    ).toContain('unrecognized_keys');
    expect(input, name).toBeInstanceOf(z.ZodObject);
  }
});
