import type { Conversation } from './conversation.ts';
import type { Rule } from './script-file.ts';
import { expressionOf, type Variables } from './template.ts';

/** The first rule that fits, and what its placeholders stand for. */
export function firstFitting(
  rules: readonly Rule[],
  conversation: Conversation,
): { number: number; rule: Rule; variables: Variables } | undefined {
  for (const [index, rule] of rules.entries()) {
    const groups = fits(rule, conversation);
    if (groups) return { number: index + 1, rule, variables: { ...known(rule, conversation), ...groups } };
  }
  return undefined;
}

/** The groups of the prompt's regular expression where the rule fits, otherwise undefined. */
function fits({ when }: Rule, conversation: Conversation): Variables | undefined {
  const { model, system, afterTool, tools } = conversation;
  if (afterTool !== (when.after_tool !== undefined)) return undefined;
  if (afterTool && resultsFor({ when }, conversation).length === 0) return undefined;
  if (when.model !== undefined && !like(when.model, model)) return undefined;
  if (when.tool !== undefined && !tools.includes(when.tool)) return undefined;
  if (when.system !== undefined && !occurs(when.system, system)) return undefined;
  return when.prompt === undefined ? {} : promptGroups(when.prompt, conversation.prompt);
}

function promptGroups(condition: string, prompt: string): Variables | undefined {
  const expression = expressionOf(condition);
  if (!expression) return occurs(condition, prompt) ? {} : undefined;
  const match = expression.exec(prompt);
  if (!match) return undefined;
  return { ...Object.fromEntries(match.map((text, index) => [index, text ?? ''])), ...match.groups };
}

function known(rule: Pick<Rule, 'when'>, conversation: Conversation): Variables {
  const { prompt, model } = conversation;
  const result = resultsFor(rule, conversation).map(({ text }) => text);
  return { prompt, model, result: result.join('\n') };
}

/** The results that a rule is about. */
function resultsFor({ when }: Pick<Rule, 'when'>, { results }: Conversation) {
  const { after_tool = '*' } = when;
  return results.filter(({ tool }) => like(after_tool, tool));
}

const occurs = (part: string, text: string) => text.toLowerCase().includes(part.toLowerCase());

/** Whether a text is like a pattern in which `*` stands for anything. */
function like(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
