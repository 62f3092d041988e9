import type { Config } from '../config.ts';
import { ToolFailure } from '../failure.ts';
import { UsageError } from '../options.ts';
import { nearest } from '../platform/nearest.ts';
import { type Tool, withoutTasks } from './define.ts';

/** A name that no tool has. The protocol has its own answer for that. */
export class UnknownToolError extends Error {
  override readonly name = 'UnknownToolError';
}

type Filter = Pick<Config, 'toolsets' | 'tools' | 'excludeTools' | 'readOnly'>;

/** The tools that this server offers, and why it does not offer the others. */
export class Offer {
  /** Sorted by name. */
  readonly tools: readonly Tool[];
  readonly #all: ReadonlyMap<string, Tool>;
  readonly #off = new Map<string, string>();

  /** @throws UsageError for a tool name in the configuration that no tool has. */
  constructor(catalog: readonly Tool[], filter: Filter) {
    const tasksCanBeAsked = catalog.some(
      ({ name, forTasks }) => forTasks && !filter.excludeTools.includes(name),
    );
    const tools = catalog.map((tool) => asOffered(tasksCanBeAsked ? tool : withoutTasks(tool), filter));
    this.#all = new Map(tools.map((tool) => [tool.name, tool]));
    for (const name of filter.tools) this.#check('--tools', name);
    for (const name of filter.excludeTools) this.#check('--exclude-tools', name);
    const chosen = tools.filter((tool) => !whyOff(tool, filter));
    for (const tool of tools) {
      const reason = whyOff(tool, filter, comesWith(chosen, tool));
      if (reason) this.#off.set(tool.name, reason);
    }
    this.tools = tools
      .filter((tool) => !this.#off.has(tool.name))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The names of the tools that exist but are not offered. */
  get namesOff(): string[] {
    return [...this.#off.keys()];
  }

  /**
   * @throws UnknownToolError naming the nearest tool.
   * @throws ToolFailure `ToolDisabled` naming the flag that decides.
   */
  find(name: string): Tool {
    const tool = this.#all.get(name);
    if (!tool)
      throw new UnknownToolError(
        unknown(
          'There is no tool',
          name,
          this.tools.map((offered) => offered.name),
        ),
      );
    const reason = this.#off.get(name);
    if (reason)
      throw new ToolFailure({
        code: 'ToolDisabled',
        message: `${name} is off on this server.`,
        hint: reason,
      });
    return tool;
  }

  #check(flag: string, name: string): void {
    if (!this.#all.has(name))
      throw new UsageError(unknown(`${flag}: there is no tool`, name, this.#all.keys()));
  }
}

function unknown(what: string, name: string, names: Iterable<string>): string {
  const all = [...names];
  const shown = name.slice(0, 64);
  const meant = nearest(shown, all);
  return `${what} "${shown}". ${meant ? `Did you mean ${meant}?` : `There are: ${all.join(', ')}.`}`;
}

/** Where all tasks only read, a tool that can cancel them changes nothing either. */
function asOffered(tool: Tool, { readOnly }: Filter): Tool {
  return readOnly && tool.forTasks ? { ...tool, kind: 'read' } : tool;
}

/** Whether a tool looks after what others leave behind: tasks, or sessions that run on. */
function comesWith(chosen: readonly Tool[], { forTasks, endsSessions }: Tool): boolean {
  return chosen.some(({ long, startsSessions }) => (forTasks && long) || (endsSessions && startsSessions));
}

/** What decides that a tool is off, in the order in which the settings apply; the last word has read-only. */
function whyOff(
  tool: Tool,
  { toolsets, tools, excludeTools, readOnly }: Filter,
  comesAlong = false,
): string | undefined {
  const { name, toolset } = tool;
  if (readOnly && tool.kind !== 'read')
    return 'The server was started with --read-only. To use this tool, its user restarts it without that flag.';
  if (excludeTools.includes(name))
    return 'The server was started with --exclude-tools, which names this tool. Its user can take it out there.';
  if (comesAlong) return undefined;
  const all = toolsets.length === 0 && tools.length === 0;
  if (all || tools.includes(name) || toolsets.includes(toolset)) return undefined;
  const byName = `--tools ${[...tools, name].join(',')}`;
  return toolsets.length > 0
    ? `Its user can turn it on with --toolsets ${[...toolsets, toolset].join(',')} or ${byName}.`
    : `Its user can turn it on with ${byName}.`;
}
