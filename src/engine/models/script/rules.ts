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
    if (groups) return { number: index + 1, rule, variables: { ...known(conversation), ...groups } };
  }
  return undefined;
}

/** The groups of the prompt's regular expression where the rule fits, otherwise undefined. */
function fits({ when }: Rule, conversation: Conversation): Variables | undefined {
  const { model, system, afterTool, result, tools } = conversation;
  if (afterTool !== (when.after_tool !== undefined)) return undefined;
  if (when.after_tool !== undefined && !like(when.after_tool, result?.tool ?? '')) return undefined;
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

function known({ prompt, model, result }: Conversation): Variables {
  return { prompt, model, result: result?.text ?? '' };
}

const occurs = (part: string, text: string) => text.toLowerCase().includes(part.toLowerCase());

/** Whether a text is like a pattern in which `*` stands for anything. */
function like(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
