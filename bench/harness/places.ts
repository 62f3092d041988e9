import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');
export const cli = join(root, 'dist', 'cli.js');
export const engineProgram = join(root, 'dist', 'engine', 'main.js');
/** The agents of the benchmarks; the workspace of their MCP servers. */
export const agents = join(root, 'bench', 'agents');
export const program = (name: string) => join(root, 'bench', 'programs', name);

/** This process's own, without what would point programs at other engines or accounts. */
export function plainEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(AWS|AGENTCORE_MCP)_(?!PYTHON_HOME)/.test(name),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}
