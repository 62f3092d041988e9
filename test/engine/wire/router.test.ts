import type { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operations } from '../../../src/engine/wire/operations.ts';
import { Router } from '../../../src/engine/wire/router.ts';

const router = new Router(operations.values());

test('both planes share one table: no two operations have the same method and path', () => {
  const places = [...operations.values()].map(
    ({ method, uri }) => `${method} ${uri.replace(/\/$/, '').replaceAll(/\{[^}]*\}/g, '{}')}`,
  );
  expect(new Set(places).size).toBe(238);
});

test('the models have only plain labels, and bind only texts, numbers, truth values and lists of texts', () => {
  for (const { uri, input } of operations.values()) {
    expect(uri).toMatch(/^(\/[\w.-]+|\/\{\w+\})+\/?$/);
    for (const [name, member] of input.structIterator()) {
      const { httpLabel, httpQuery, httpHeader } = member.getMergedTraits();
      if (httpLabel) expect(uri, name).toContain(`{${name}}`);
      const bound = member.isListSchema() ? member.getValueSchema() : member;
      if (!httpLabel && !httpQuery && !httpHeader) continue;
      expect(bound.isStringSchema() || bound.isNumericSchema() || bound.isBooleanSchema(), name).toBe(true);
    }
  }
});

test('the models use only the traits that the wire knows', () => {
  const traits = new Set<string>();
  const seen = new Set<unknown>();
  const visit = (schema: NormalizedSchema) => {
    for (const trait of Object.keys(schema.getMergedTraits())) traits.add(trait);
    if (schema.isListSchema() || schema.isMapSchema()) visit(schema.getValueSchema());
    if (!schema.isStructSchema() || seen.has(schema.getSchema())) return;
    seen.add(schema.getSchema());
    for (const [, member] of schema.structIterator()) visit(member);
  };
  for (const { input, output } of operations.values()) {
    visit(input);
    visit(output);
  }
  expect([...traits].sort()).toEqual([
    'error',
    'httpError',
    'httpHeader',
    'httpLabel',
    'httpPayload',
    'httpQuery',
    'httpResponseCode',
    'idempotencyToken',
    'sensitive',
    'streaming',
  ]);
});

describe('a route', () => {
  test.each([...operations.values()])('leads to $name with any labels', (operation) => {
    const label = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(fc.array(label, { minLength: 4, maxLength: 4 }), fc.boolean(), (values, slash) => {
        const names = [...operation.uri.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
        const labels = Object.fromEntries(names.map((name, index) => [name, `+${values[index]}`]));
        const path = operation.uri
          .replace(/\/$/, '')
          .replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(labels[name] ?? ''));
        expect(router.find(operation.method, slash ? `${path}/` : path)).toEqual({
          place: operation,
          labels,
        });
      }),
      { numRuns: 10 },
    );
  });

  test.each([
    ['POST', '/memories/create', 'CreateMemory'],
    ['POST', '/memories', 'ListMemories'],
    ['POST', '/memories/create/events', 'CreateEvent'],
    ['PUT', '/runtimes', 'CreateAgentRuntime'],
    ['POST', '/runtimes/arn%3Aa%2Fb/invocations', 'InvokeAgentRuntime'],
    ['POST', '/runtimes/a/versions/', 'ListAgentRuntimeVersions'],
    ['GET', '/runtimes/a/invocations/.well-known/agent-card.json', 'GetAgentCard'],
  ])('%s %s is %s', (method, path, name) => {
    expect(router.find(method, path)?.place.name).toBe(name);
  });
});
