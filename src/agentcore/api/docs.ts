import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Operation, Plane } from '../../engine/wire/operations.ts';

/** What the SDK's own type declarations say about an operation; empty where they are not installed. */
export interface OperationDocs {
  /** The first sentence. */
  summary: string;
  /** The whole description, as plain text. */
  text: string;
  /** Names of the modelled errors, e.g. `ValidationException`. */
  errors: string[];
}

/** The npm package of each plane's SDK client. */
export const packages: Readonly<Record<Plane, string>> = {
  data: '@aws-sdk/client-bedrock-agentcore',
  control: '@aws-sdk/client-bedrock-agentcore-control',
};

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function plainText(html: string): string {
  return html
    .replaceAll(/\{@link (\w+)[^}]*\}/g, '$1')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ([.,;:)])/g, '$1')
    .trim();
}

function firstSentence(text: string): string {
  return /^.*?(?<!\b(?:e\.g|i\.e|etc|vs))[.!?](?=\s+[A-Z]|$)/.exec(text)?.[0] ?? text;
}

/** Reads the comment that documents a command in its declaration file. */
export function parseDocs(declaration: string): OperationDocs {
  const comment = /\/\*\*\n((?: \*(?!\/).*\n)*?) \* @example/.exec(declaration)?.[1] ?? '';
  const text = plainText(comment.replaceAll(/^ \* ?/gm, ''));
  const thrown = [...declaration.matchAll(/@throws \{@link (\w+)\} \((?:client|server) fault\)/g)];
  return { summary: firstSentence(text), text, errors: thrown.map(([, name = '']) => name) };
}

/** Documentation of one operation, read from the SDK package that is installed. */
export async function docsOf({ name, plane }: Operation): Promise<OperationDocs> {
  try {
    const root = dirname(createRequire(import.meta.url).resolve(`${packages[plane]}/package.json`));
    return parseDocs(await readFile(join(root, 'dist-types', 'commands', `${name}Command.d.ts`), 'utf8'));
  } catch {
    return { summary: '', text: '', errors: [] };
  }
}
