import type { Tool as Descriptor } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Pins } from '../agentcore/api/pins.ts';
import type { Effect } from '../agentcore/operations.ts';
import type { Tool } from './define.ts';

type JsonSchema = Descriptor['inputSchema'];

const annotations: Record<Effect, NonNullable<Descriptor['annotations']>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  write: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  destructive: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  execute: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
};

const made = new WeakMap<Pins, Map<Tool, Descriptor>>();

/** A tool as `tools/list` shows it. Made once for each tool and set of pins. */
export function descriptorOf(tool: Tool, pins: Pins): Descriptor {
  const known = made.get(pins) ?? new Map<Tool, Descriptor>();
  made.set(pins, known);
  const descriptor = known.get(tool) ?? describe(tool, pins);
  known.set(tool, descriptor);
  return descriptor;
}

function describe(tool: Tool, pins: Pins): Descriptor {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: inputSchema(tool.input, pins),
    outputSchema: outputSchema(tool.output),
    annotations: annotations[tool.kind],
  };
}

/**
 * How long texts and lists may be, how large numbers, and that they count from 0 or 1, is left to the error: hardly any call
 * comes near. That a switch is off unless it is set goes without saying.
 */
function inputSchema(input: z.ZodObject, pins: Pins): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(input, {
    io: 'input',
    override({ jsonSchema }) {
      delete jsonSchema.minLength;
      delete jsonSchema.maxLength;
      delete jsonSchema.maxItems;
      delete jsonSchema.minItems;
      delete jsonSchema.maximum;
      if (jsonSchema.minimum === 0 || jsonSchema.minimum === 1) delete jsonSchema.minimum;
      if (jsonSchema.default === false) delete jsonSchema.default;
    },
  });
  const properties = Object.entries(schema.properties ?? {}).filter(([name]) => !(name in pins));
  const required = (schema.required ?? []).filter((name) => !(name in pins));
  const { required: _all, ...rest } = schema;
  return {
    ...rest,
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
  } as JsonSchema;
}

/**
 * Only what members are (none that can be anything), not what lies in them, which must be there or how large: clients check failures and "still running" against this
 * schema too, and refuse the whole answer where it does not fit.
 */
function outputSchema(output: z.ZodObject): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(output, {
    io: 'output',
    override({ jsonSchema, path }) {
      if (path.length > 0) delete jsonSchema.properties;
      delete jsonSchema.items;
      delete jsonSchema.required;
      delete jsonSchema.additionalProperties;
      delete jsonSchema.propertyNames;
      delete jsonSchema.minimum;
      delete jsonSchema.maximum;
    },
  });
  const properties = Object.entries(schema.properties ?? {}).filter(
    ([, member]) => Object.keys(member as object).length > 0,
  );
  return { ...schema, properties: Object.fromEntries(properties) } as JsonSchema;
}
