import type { Toolset } from '../config-table.ts';
import type { Context } from '../context.ts';
import { descriptorOf } from '../tools/descriptor.ts';

/** Of the JSON of tool lists, measured. (`tokensOf` is for limits: of such JSON it counts 1.4 times too many.) */
const BYTES_PER_TOKEN = 4.3;

export interface ToolCost {
  name: string;
  toolset: Toolset;
  kind: string;
  /** The first sentence of the description. */
  summary: string;
  tokens: number;
}

/** Counts as cl100k does, where its table is installed; estimates otherwise. */
async function tokenCounter(): Promise<{ exact: boolean; count(text: string): number }> {
  try {
    const [{ Tiktoken }, { default: ranks }] = await Promise.all([
      import('js-tiktoken/lite'),
      import('js-tiktoken/ranks/cl100k_base'),
    ]);
    const encoder = new Tiktoken(ranks);
    return { exact: true, count: (text) => encoder.encode(text).length };
  } catch {
    return { exact: false, count: (text) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) };
  }
}

/** What each offered tool adds to the context of a model, and all of them as one list. */
export async function toolCosts({
  offer,
  pins,
}: Context): Promise<{ tools: ToolCost[]; total: number; exact: boolean }> {
  const { exact, count } = await tokenCounter();
  const listed = offer.tools.map((tool) => ({ tool, descriptor: descriptorOf(tool, pins) }));
  const tools = listed.map(({ tool: { name, toolset, kind, description }, descriptor }) => ({
    name,
    toolset,
    kind,
    summary: /^.*?\.(?=\s|$)/s.exec(description)?.[0] ?? description,
    tokens: count(JSON.stringify(descriptor)),
  }));
  return {
    tools,
    total: count(JSON.stringify({ tools: listed.map(({ descriptor }) => descriptor) })),
    exact,
  };
}
