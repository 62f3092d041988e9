import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolCosts } from '../../src/cli/token-costs.ts';
import { parseConfig } from '../../src/config.ts';
import { configTable } from '../../src/config-table.ts';
import { createBrowsers } from '../../src/engine/browser/sandboxed.ts';
import { Clock } from '../../src/engine/clock.ts';
import { silentLog } from '../../src/engine/log.ts';
import { createEmbedder } from '../../src/engine/models/embeddings/index.ts';
import { createSandboxes } from '../../src/engine/sandbox/index.ts';
import { Idempotency } from '../../src/engine/services/idempotency.ts';
import { createServices, mergeHandlers } from '../../src/engine/services/index.ts';
import { Objects } from '../../src/engine/services/objects/object-store.ts';
import { Tags } from '../../src/engine/services/tags.ts';
import { createSeal } from '../../src/engine/store/seal.ts';
import { openStore } from '../../src/engine/store/sqlite.ts';
import { type Operation, operations } from '../../src/engine/wire/operations.ts';
import { optionsOf } from '../../src/options.ts';
import { createContext } from '../../src/server.ts';

type Row = readonly string[];

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Every tool of the default list with its cost. */
export async function toolTable(): Promise<string> {
  const context = createContext(parseConfig([], { env: {}, cwd: tmpdir() }));
  const { tools, total } = await toolCosts(context);
  const rows = tools.map(({ name, kind, tokens, summary }) => [`\`${name}\``, kind, String(tokens), summary]);
  const sum = `${tools.length} tools, ${total.toLocaleString('en')} tokens (cl100k) for the whole list.`;
  return `${table(['Tool', 'Kind', 'Tokens', 'What it does'], rows)}\n\n${sum}`;
}

/** Every setting with its flag and its variable. */
export function optionTable(): string {
  const rows = optionsOf(configTable).map((option) => [
    option.envOnly ? '' : `\`--${option.flag}\``,
    `\`${option.env}\``,
    option.default === undefined ? '' : `\`${option.default}\``,
    option.description,
  ]);
  return table(['Flag', 'Variable', 'Default', 'What it does'], rows);
}

async function answeredOperations(): Promise<Set<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  const store = openStore(join(folder, 'engine.db'));
  const sandboxes = createSandboxes({});
  const log = silentLog;
  const idempotency = new Idempotency({ store, log });
  const objects = new Objects(store, join(folder, 'objects'));
  const services = createServices({
    clock: new Clock(),
    store,
    sandboxes,
    browsers: createBrowsers({ sandboxes }),
    idempotency,
    tags: new Tags(store),
    seal: createSeal(createSecretKey(Buffer.alloc(32))),
    log,
    dataDir: folder,
    doors: { engine() {}, port: () => 0, credentials: () => ({ accessKeyId: '', secretAccessKey: '' }) },
    agents: { allowHosts: [], strictRuntime: false },
    browser: { allowHosts: [], blockHosts: [] },
    model: undefined,
    embedder: createEmbedder({ provider: 'local' }, { log }),
    objects,
    ownObjects: objects,
  });
  try {
    return new Set(Object.keys(mergeHandlers(services, silentLog).agentcore ?? {}));
  } finally {
    await Promise.all(services.map((service) => service.close()));
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** The kind of resource an operation works on, from its path: `/code-interpreters/...` is Code interpreters. */
function resourceOf({ uri }: Operation): string {
  const [word = ''] = uri.split('/').filter((part) => part && !part.startsWith('{'));
  const words = word
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** docs/coverage.md: which operations of AgentCore the local engine really answers. */
export async function coverage(): Promise<string> {
  const answered = await answeredOperations();
  const groups = Map.groupBy([...operations.values()], resourceOf);
  const rows = [...groups]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([resource, all]) => {
      const real = all.map(({ name }) => name).filter((name) => answered.has(name));
      const named = real.sort().map((name) => `\`${name}\``);
      return [resource, `${real.length} of ${all.length}`, named.join(', ')];
    });
  return [
    '# What the local engine answers',
    `${answered.size} of ${operations.size} operations of both AgentCore APIs are real: they do on this machine what they do on AWS. ` +
      'Every other operation answers an error that names it. Made by `npm run docs`; do not edit.',
    table(['Path', 'Real', 'Operations'], rows),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

/**
 * A text with what stands between `<!-- BEGIN name -->` and `<!-- END name -->` replaced.
 * @throws Error when the text has no such marks.
 */
export function between(text: string, name: string, content: string): string {
  const marks = new RegExp(`(<!-- BEGIN ${name} -->)[^]*?(<!-- END ${name} -->)`);
  if (!marks.test(text)) throw new Error(`There are no marks for ${name}.`);
  return text.replace(marks, (_, begin, end) => `${begin}\n\n${content}\n\n${end}`);
}
