import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConverseStreamCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { describe, expect, test } from 'vitest';
import { collect } from '../../../src/engine/models/collect.ts';
import { createModel } from '../../../src/engine/models/index.ts';
import { temporaryDir } from '../../support/temporary.ts';
import { ask, eventsOf, failureOf, modelId, outline, weatherTool } from './support.ts';

/** A model on a script, and a way to write the script anew. */
function scripted(script: unknown) {
  const file = join(temporaryDir(), 'rules.json');
  const write = (content: unknown) =>
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  write(script);
  return { model: createModel({ provider: 'script', file }), file, write };
}

async function said(script: unknown, request: ConverseStreamCommandInput): Promise<string | undefined> {
  const { model } = scripted(script);
  const { output } = await collect(model.converse(request, new AbortController().signal));
  return output?.message?.content?.map(({ text }) => text ?? '').join('');
}

const toolConfig = { tools: [weatherTool] };

/** After the model has called the tools, by default one, and they have answered. */
const afterTool = (
  ...results: { tool?: string; text?: string; json?: object }[]
): ConverseStreamCommandInput => ({
  modelId,
  toolConfig,
  messages: [
    { role: 'user', content: [{ text: 'Weather in Oslo?' }] },
    {
      role: 'assistant',
      content: results.map(({ tool = 'get_weather' }, index) => ({
        toolUse: { toolUseId: `t${index}`, name: tool, input: {} },
      })),
    },
    {
      role: 'user',
      content: results.map(({ tool: _, ...result }, index) => ({
        toolResult: { toolUseId: `t${index}`, content: [result as never] },
      })),
    },
  ],
});

const weather = {
  rules: [
    {
      when: { prompt: '/weather in (?<city>\\w+)/i', tool: 'get_weather' },
      text: 'Let me look.',
      tool_calls: [{ name: 'get_weather', input: { city: '{{city}}', days: 3, places: ['{{1}}'] } }],
    },
    { when: { after_tool: 'get_*' }, text: 'It says: {{result}}' },
    { when: { prompt: 'be slow' }, error: { name: 'ThrottlingException', message: 'Rate exceeded' } },
    { text: 'You said: {{prompt}}' },
  ],
};

describe('a scripted model', () => {
  test('says that it is scripted, and streams text in several pieces with estimated tokens', async () => {
    const { model } = scripted(weather);
    expect(model.name).toBe('scripted (rules.json)');
    const events = await eventsOf(model, ask('good morning to everybody out there'));
    expect(outline(events)).toEqual([
      'messageStart',
      '0 You said: good m',
      '0 orning to everyb',
      '0 ody out there',
      '0 stop',
      'messageStop end_turn',
      'metadata',
    ]);
    expect(events.at(-2)?.messageStop?.additionalModelResponseFields).toEqual({
      answeredBy: 'scripted (rules.json)',
    });
    expect(events.at(-1)?.metadata).toEqual({
      usage: { inputTokens: 10, outputTokens: 12, totalTokens: 22 },
      metrics: { latencyMs: expect.any(Number) },
    });
  });

  test('calls tools with what the prompt says, and answers their results', async () => {
    const { model } = scripted(weather);
    const answer = await collect(
      model.converse(ask('The WEATHER in Oslo, please', { toolConfig }), new AbortController().signal),
    );
    expect(answer.stopReason).toBe('tool_use');
    expect(answer.output?.message?.content).toEqual([
      { text: 'Let me look.' },
      {
        toolUse: {
          toolUseId: expect.stringMatching(/^tooluse_[\w-]{22}$/),
          name: 'get_weather',
          input: { city: 'Oslo', days: 3, places: ['Oslo'] },
        },
      },
    ]);
    expect(await said(weather, afterTool({ text: '3 °C' }))).toBe('It says: 3 °C');
    expect(await said(weather, afterTool({ json: { celsius: 3 } }))).toBe('It says: {"celsius":3}');
    const together = afterTool(
      { text: 'cold' },
      { tool: 'get_time', text: 'noon' },
      { tool: 'add', text: '3' },
    );
    expect(await said(weather, together)).toBe('It says: cold\nnoon');
  });

  test('takes the first rule of which every condition holds', async () => {
    const script = {
      rules: [
        { when: { model: '*haiku*' }, text: 'model' },
        { when: { system: 'PIRATE', prompt: 'ship' }, text: 'system' },
        { when: { tool: 'get_weather' }, text: 'tool' },
        { when: { prompt: '/^\\d+$/' }, text: 'number' },
        { text: 'last' },
      ],
    };
    const haiku = { ...ask('a'), modelId: 'anthropic.claude-3-5-haiku-20241022-v1:0' };
    const pirate = { system: [{ text: 'You are a pirate.' }] };
    expect(await said(script, haiku)).toBe('model');
    expect(await said(script, ask('a Ship', pirate))).toBe('system');
    expect(await said(script, ask('a car', pirate))).toBe('last');
    expect(await said(script, ask('a', { toolConfig }))).toBe('tool');
    expect(await said(script, ask('42'))).toBe('number');
    expect(await said(script, ask('x42'))).toBe('last');
  });

  test('simulates errors, and stops for the reason that it is told', async () => {
    const { model } = scripted(weather);
    expect(await failureOf(model, ask('Be slow!'))).toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    const { model: cut } = scripted({ rules: [{ text: 'a', stop_reason: 'max_tokens' }] });
    expect(outline(await eventsOf(cut, ask('hi')))).toContain('messageStop max_tokens');
  });

  test('says which prompt or result no rule fits', async () => {
    const { model, file } = scripted({ rules: [{ when: { prompt: 'x' }, text: 'y' }] });
    expect(await failureOf(model, ask('hello'))).toMatchObject({
      name: 'ModelErrorException',
      message: `No rule of ${file} fits the prompt "hello". Add a rule for it, or a last one without "when".`,
    });
    expect(await failureOf(model, afterTool({ text: 'cold' }))).toMatchObject({
      message: `No rule of ${file} fits the result of the tool get_weather: "cold". Add a rule with "after_tool": "get_weather".`,
    });
  });

  test('does not call a tool that is not offered', async () => {
    const { model } = scripted({ rules: [{ tool_calls: [{ name: 'get_weather' }] }] });
    expect(await failureOf(model, ask('hi'))).toMatchObject({
      name: 'ModelErrorException',
      message: expect.stringMatching(/Rule 1 .* calls the tool get_weather, .* Offered: none/),
    });
  });

  test('refuses guardrails', async () => {
    const guardrailConfig = { guardrailIdentifier: 'g1', guardrailVersion: '1' };
    const { model } = scripted(weather);
    expect(await failureOf(model, ask('hi', { guardrailConfig }))).toMatchObject({
      name: 'ValidationException',
    });
  });

  test('follows the file', async () => {
    const { model, write } = scripted({ rules: [{ text: 'one' }] });
    expect(outline(await eventsOf(model, ask('hi')))).toContain('0 one');
    write({ rules: [{ text: 'two' }] });
    expect(outline(await eventsOf(model, ask('hi')))).toContain('0 two');
  });

  const broken: [unknown, RegExp][] = [
    ['{ "rules": [}', /is no JSON: Unexpected token/],
    [{ rules: [] }, /not valid: rules /],
    [{ rules: [{ text: 'a' }, { when: { promt: 'x' }, text: 'a' }] }, /rules\[1\]\.when .*promt/],
    [{ rules: [{ when: { prompt: 'x' } }] }, /rules\[0\] needs an answer/],
    [
      { rules: [{ when: { prompt: '/(/' }, text: 'a' }] },
      /rules\[0\]\.when\.prompt is no regular expression/,
    ],
    [{ rules: [{ text: 'a {{city}}' }] }, /rules\[0\] has \{\{city\}\}, but there is only \{\{prompt\}\}/],
    [{ rules: [{ when: { prompt: '/(a)/' }, text: '{{2}}' }] }, /\{\{2\}\}/],
    [{ rules: [{ error: { name: 'Oops', message: 'm' } }] }, /rules\[0\]\.error\.name/],
    [
      { rules: [{ text: 'a', error: { name: 'ThrottlingException', message: 'm' } }] },
      /rules\[0\]\.error stands alone/,
    ],
  ];
  test.each(broken)('a file that is not valid is refused by the place: %j', async (script, message) => {
    const { model, file } = scripted(script);
    const error = await failureOf(model, ask('hi'));
    expect(error).toMatchObject({ name: 'ValidationException', message: expect.stringMatching(message) });
    expect(error.message).toContain(file);
  });

  test('a file that is not there', async () => {
    const model = createModel({ provider: 'script', file: '/nowhere/rules.json' });
    expect(await failureOf(model, ask('hi'))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(/cannot be read: ENOENT.*\/nowhere\/rules\.json/),
    });
  });
});
