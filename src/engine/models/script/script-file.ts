import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { invalidRequest } from '../exceptions.ts';
import { simulatedNames } from './simulated.ts';
import { placeholders, variablesOf } from './template.ts';

/**
 * A script: rules in a JSON file, of which the first that fits answers.
 *
 *     {
 *       "rules": [
 *         { "when": { "prompt": "/weather in (?<city>\\w+)/i", "tool": "get_weather" },
 *           "text": "Let me look.",
 *           "tool_calls": [{ "name": "get_weather", "input": { "city": "{{city}}" } }] },
 *         { "when": { "after_tool": "get_weather" }, "text": "It says: {{result}}" },
 *         { "when": { "prompt": "be slow" }, "error": { "name": "ThrottlingException", "message": "Rate exceeded" } },
 *         { "text": "You said: {{prompt}}" }
 *       ]
 *     }
 *
 * `when` holds the conditions; all that are given must hold, and a rule without any answers whatever the user says.
 * - `prompt`: occurs in the last text of the user, letter case aside; or, written `/like this/i`, a regular expression.
 * - `after_tool`: the last message has a result of this tool (`*` stands for anything). A rule without it
 *   never answers a tool's result, so that no rule calls its tool for ever.
 * - `tool`: a tool of this name is offered. - `model`: the model id asked for, with `*` for anything. - `system`: occurs
 *   in the system prompt, letter case aside.
 *
 * The answer is `text`, `tool_calls`, both, or an `error` of Bedrock's. `stop_reason` replaces the one that follows from
 * the answer. In texts and in the strings of inputs, `{{prompt}}` is the last text of the user; `{{result}}` the text of
 * the last results, of the tool in `after_tool`, a line each where there are several; `{{model}}` the model id asked
 * for; and `{{1}}` or `{{city}}` a group of the regular expression.
 */
export type Script = z.infer<typeof scriptShape>;
export type Rule = Script['rules'][number];

const stopReasons = ['end_turn', 'tool_use', 'max_tokens', 'stop_sequence', 'content_filtered'] as const;

const whenShape = z.strictObject({
  prompt: z.string().min(1).optional(),
  after_tool: z.string().min(1).optional(),
  tool: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  system: z.string().min(1).optional(),
});

const ruleShape = z
  .strictObject({
    when: whenShape.default({}),
    text: z.string().optional(),
    tool_calls: z
      .array(z.strictObject({ name: z.string().min(1), input: z.record(z.string(), z.json()).default({}) }))
      .min(1)
      .optional(),
    stop_reason: z.enum(stopReasons).optional(),
    error: z.strictObject({ name: z.enum(simulatedNames), message: z.string().min(1) }).optional(),
  })
  .superRefine((rule, context) => {
    const answers = rule.text !== undefined || rule.tool_calls !== undefined;
    const complain = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (answers && rule.error) complain(['error'], 'stands alone: a rule answers or fails, not both');
    if (!answers && !rule.error) complain([], 'needs an answer: text, tool_calls or error');
    const known = variablesOf(rule.when.prompt);
    if (known === undefined) return complain(['when', 'prompt'], 'is no regular expression');
    for (const name of placeholders([rule.text, rule.tool_calls, rule.error])) {
      if (known.includes(name)) continue;
      const there = known.map((each) => `{{${each}}}`).join(', ');
      complain([], `has {{${name}}}, but there is only ${there}`);
    }
  });

const scriptShape = z.strictObject({ rules: z.array(ruleShape).min(1) });

/** Reads a script anew whenever the file has changed. */
export class ScriptFile {
  readonly #path: string;
  #known: { text: string; script: Script } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws ValidationException where the file is not there or not valid; the message names the place. */
  async read(): Promise<Script> {
    const text = await readFile(this.#path, 'utf8').catch((error: Error) => {
      throw invalidRequest(`The model script cannot be read: ${error.message}.`);
    });
    if (text !== this.#known?.text) this.#known = { text, script: parseScript(text, this.#path) };
    return this.#known.script;
  }
}

function parseScript(text: string, path: string): Script {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidRequest(`The model script ${path} is no JSON: ${(error as Error).message}.`);
  }
  const { data, error } = scriptShape.safeParse(value);
  if (data) return data;
  const faults = error.issues.map((issue) => `${place(issue.path)} ${issue.message}`);
  throw invalidRequest(`The model script ${path} is not valid: ${faults.join('; ')}.`);
}

/** E.g. `rules[2].when.prompt`. */
function place(path: readonly PropertyKey[]): string {
  const written = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return written.replace(/^\./, '') || 'the file';
}
