import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../../../src/engine/index.ts';
import { createLog, silentLog } from '../../../../src/engine/log.ts';
import { createModel } from '../../../../src/engine/models/index.ts';
import type { LanguageModel, ModelSettings } from '../../../../src/engine/models/model.ts';
import { createBedrockRuntime } from '../../../../src/engine/services/bedrock-runtime/index.ts';
import { started } from '../../../support/engine.ts';
import { startOpenAiServer } from '../../../support/openai-server.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { ask, modelId, outline, weatherTool } from '../../models/support.ts';

let server: Awaited<ReturnType<typeof startOpenAiServer>>;
beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());
beforeEach(() => server.answer({ text: 'Hello from the model.' }));

/** The SDK's client of an engine whose Bedrock is answered by this model. */
async function clientOf(model: LanguageModel | undefined, log = silentLog) {
  const engine = await started({ services: () => [createBedrockRuntime({ model, log })] });
  return { client: connected(engine), engine };
}

function connected(engine: Engine): BedrockRuntimeClient {
  const client = new BedrockRuntimeClient({
    endpoint: engine.url,
    region: 'us-east-1',
    credentials: engine.credentials(),
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}

const onServer = () => clientOf(createModel({ provider: 'openai', url: server.url }));

async function all<Event>(events: AsyncIterable<Event> | undefined): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const event of events ?? []) seen.push(event);
  return seen;
}

const decode = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));

/** An InvokeModel of Anthropic's messages. */
const messages = (more: object = {}) => ({
  modelId,
  body: JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
    ...more,
  }),
});

describe('Converse and ConverseStream', () => {
  test('carry a request to the model and its answer back', async () => {
    const { client } = await onServer();
    server.answer({ toolCalls: [{ id: 'call-1', name: 'get_weather', arguments: '{"city":"Oslo"}' }] });
    const image = { format: 'png' as const, source: { bytes: Buffer.from('pixels') } };
    const { output, stopReason, usage } = await client.send(
      new ConverseCommand({
        modelId,
        messages: [{ role: 'user', content: [{ text: 'What is this?' }, { image }] }],
        toolConfig: { tools: [weatherTool] },
        inferenceConfig: { maxTokens: 20 },
      }),
    );
    expect(server.requests[0]?.body).toMatchObject({
      max_tokens: 20,
      messages: [
        {
          content: [
            { type: 'text' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${btoa('pixels')}` } },
          ],
        },
      ],
      tools: [{ function: { name: 'get_weather' } }],
    });
    const input = { city: 'Oslo' };
    expect(output?.message?.content).toEqual([
      { toolUse: { toolUseId: 'call-1', name: 'get_weather', input } },
    ]);
    expect(stopReason).toBe('tool_use');
    expect(usage).toMatchObject({ inputTokens: 11, outputTokens: 7, totalTokens: 18 });
  });

  test('stream', async () => {
    const { client } = await onServer();
    server.answer({ text: 'one two' });
    const { stream } = await client.send(new ConverseStreamCommand(ask('hi')));
    expect(outline(await all(stream))).toEqual([
      'messageStart',
      '0 one ',
      '0 two',
      '0 stop',
      'messageStop end_turn',
      'metadata',
    ]);
  });

  test('a failure before the answer is that of the call; one inside it ends the stream', async () => {
    const { client } = await onServer();
    server.answer({ status: 429, error: { error: { message: 'Slow down' } } });
    await expect(client.send(new ConverseStreamCommand(ask('hi')))).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 429 },
    });
    const half = { choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] };
    server.answer({ chunks: [half], end: 'break' });
    const { stream } = await client.send(new ConverseStreamCommand(ask('hi')));
    await expect(all(stream)).rejects.toMatchObject({ name: 'ModelStreamErrorException' });
    await expect(client.send(new ConverseCommand(ask('hi')))).rejects.toMatchObject({
      name: 'ModelErrorException',
      $metadata: { httpStatusCode: 424 },
    });
  });

  test('without a model, the error says how to get one', async () => {
    const { client } = await clientOf(undefined);
    for (const command of [new ConverseCommand(ask('hi')), new InvokeModelCommand(messages())])
      await expect(client.send(command as ConverseCommand)).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringMatching(
          /--model-url .*--model-name .*AGENTCORE_MCP_MODEL_API_KEY.*--model-bedrock.*--model-script/,
        ),
      });
  });

  test('a scripted answer says so in the answer and in the log', async () => {
    const file = join(temporaryDir(), 'rules.json');
    writeFileSync(file, JSON.stringify({ rules: [{ text: 'Scripted hello' }] }));
    const lines: string[] = [];
    const log = createLog({ write: (line) => void lines.push(line) });
    const { client } = await clientOf(createModel({ provider: 'script', file }), log);
    const { additionalModelResponseFields } = await client.send(new ConverseCommand(ask('hi')));
    expect(additionalModelResponseFields).toEqual({ answeredBy: 'scripted (rules.json)' });
    const { body } = await client.send(new InvokeModelCommand(messages()));
    expect(decode(body).model).toBe('scripted (rules.json)');
    expect(lines.join('')).toContain('Converse is answered by scripted (rules.json)');
  });
});

describe('InvokeModel with Anthropic’s messages', () => {
  test('carries a whole conversation to the model', async () => {
    const { client } = await onServer();
    const source = { type: 'base64', media_type: 'image/png', data: btoa('pixels') };
    const input_schema = { type: 'object', properties: {} };
    const result = [{ type: 'text', text: 'cold' }];
    await client.send(
      new InvokeModelCommand(
        messages({
          system: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }],
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: 'Weather?' },
                { type: 'image', source },
              ],
            },
            { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'look', input: { a: 1 } }] },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: result }] },
          ],
          tools: [{ name: 'look', description: 'Looks.', input_schema }],
          tool_choice: { type: 'any' },
          temperature: 0.5,
          top_k: 3,
          stop_sequences: ['END'],
        }),
      ),
    );
    expect(server.requests[0]?.body).toMatchObject({
      max_tokens: 100,
      temperature: 0.5,
      top_k: 3,
      stop: ['END'],
      tool_choice: 'required',
      tools: [{ function: { name: 'look', description: 'Looks.', parameters: input_schema } }],
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: [{ text: 'Weather?' }, { type: 'image_url' }] },
        { role: 'assistant', tool_calls: [{ id: 't1', function: { name: 'look', arguments: '{"a":1}' } }] },
        { role: 'tool', tool_call_id: 't1', content: 'cold' },
      ],
    });
  });

  test('answers like Anthropic’s models', async () => {
    const { client } = await onServer();
    server.answer({
      reasoning: 'Hm.',
      text: 'Let me look.',
      toolCalls: [{ id: 'call-1', name: 'look', arguments: '{"a":1}' }],
    });
    const { body, contentType } = await client.send(new InvokeModelCommand(messages()));
    expect(contentType).toBe('application/json');
    expect(decode(body)).toEqual({
      id: expect.stringMatching(/^msg_bdrk_[0-9a-f]{32}$/),
      type: 'message',
      role: 'assistant',
      model: `small-model at ${server.url}`,
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: '' },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'call-1', name: 'look', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 11, output_tokens: 7 },
    });
  });

  test('says how many tokens it took in the headers that frameworks read', async () => {
    const { client } = await onServer();
    let headers: Record<string, string> = {};
    client.middlewareStack.add(
      (next) => async (asked) => {
        const answered = await next(asked);
        headers = (answered.response as { headers: typeof headers }).headers;
        return answered;
      },
      { step: 'deserialize' },
    );
    await client.send(new InvokeModelCommand(messages()));
    expect(headers).toMatchObject({
      'x-amzn-bedrock-input-token-count': '11',
      'x-amzn-bedrock-output-token-count': '7',
      'x-amzn-bedrock-invocation-latency': expect.stringMatching(/^\d+$/),
    });
  });

  test('streams like Anthropic’s models', async () => {
    const { client } = await onServer();
    server.answer({
      reasoning: 'Hm.',
      text: 'one two',
      toolCalls: [{ id: 'call-1', name: 'look', arguments: '{"a":1}' }],
      choice: { stop_reason: 'END' },
    });
    const { body } = await client.send(new InvokeModelWithResponseStreamCommand(messages()));
    const events = (await all(body)).map(({ chunk }) => decode(chunk?.bytes));
    expect(events).toEqual([
      {
        type: 'message_start',
        message: {
          id: expect.stringMatching(/^msg_bdrk_/),
          type: 'message',
          role: 'assistant',
          model: `the models at ${server.url}`,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, output_tokens: 0 },
        },
      },
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '', signature: '' },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'one ' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'two' } },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'content_block_start',
        index: 2,
        content_block: { type: 'tool_use', id: 'call-1', name: 'look', input: {} },
      },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"a' } },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '":1}' } },
      { type: 'content_block_stop', index: 2 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: 'END' },
        usage: { input_tokens: 11, output_tokens: 7 },
      },
      {
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': {
          inputTokenCount: 11,
          outputTokenCount: 7,
          invocationLatency: expect.any(Number),
          firstByteLatency: expect.any(Number),
        },
      },
    ]);
  });

  const refused: [string, object, RegExp][] = [
    ['Titan', { inputText: 'hi' }, /Amazon Titan.*Use Converse/],
    ['Llama', { prompt: 'hi', max_gen_len: 5 }, /Meta Llama/],
    ['Nova', { schemaVersion: 'messages-v1', messages: [] }, /Amazon Nova/],
  ];
  test.each(refused)('refuses the body of %s', async (_, body, message) => {
    const { client } = await onServer();
    const command = new InvokeModelCommand({ modelId: 'some.model', body: JSON.stringify(body) });
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    });
  });

  test('says where a body is not valid', async () => {
    const { client } = await onServer();
    const wrong: [object, RegExp][] = [
      [{ max_tokens: undefined }, /^max_tokens: /],
      [{ anthropic_version: '2023-06-01' }, /^anthropic_version: /],
      [{ messages: [{ role: 'user', content: [{ type: 'video' }] }] }, /^messages\.0\.content/],
    ];
    for (const [body, message] of wrong)
      await expect(client.send(new InvokeModelCommand(messages(body)))).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringMatching(message),
      });
    const noJson = new InvokeModelCommand({ modelId, body: 'hi' });
    await expect(client.send(noJson)).rejects.toThrow('The body of InvokeModel is no JSON.');
  });
});

describe('Bedrock itself', () => {
  /** An engine that relays to Bedrock; another engine, whose model is the server, is in Bedrock's place. */
  async function relaying(more: Partial<Extract<ModelSettings, { provider: 'bedrock' }>> = {}) {
    const { engine } = await onServer();
    const { accessKeyId, secretAccessKey } = engine.credentials();
    const home = temporaryDir();
    const credentials = join(home, 'credentials');
    writeFileSync(
      credentials,
      `[ours]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n[wrong]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=wrong\n`,
    );
    setVariable('AWS_SHARED_CREDENTIALS_FILE', credentials);
    const model = createModel({
      provider: 'bedrock',
      region: 'eu-west-1',
      profile: 'ours',
      url: engine.url,
      ...more,
    });
    return clientOf(model);
  }

  function setVariable(name: string, value: string): void {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }

  test('answers with the user’s credentials, whole and as a stream', async () => {
    const { client } = await relaying();
    const { output } = await client.send(new ConverseCommand(ask('hi')));
    expect(output?.message?.content).toEqual([{ text: 'Hello from the model.' }]);
    const { stream } = await client.send(new ConverseStreamCommand(ask('hi')));
    expect(outline(await all(stream))).toContain('messageStop end_turn');
  });

  test('gets the bodies of InvokeModel as they are', async () => {
    const { client } = await relaying();
    const { body } = await client.send(new InvokeModelCommand(messages()));
    expect(decode(body).content).toEqual([{ type: 'text', text: 'Hello from the model.' }]);
    const streamed = await client.send(new InvokeModelWithResponseStreamCommand(messages()));
    const events = (await all(streamed.body)).map(({ chunk }) => decode(chunk?.bytes));
    expect(events.at(-1)).toMatchObject({ type: 'message_stop' });
    const titan = new InvokeModelCommand({ modelId: 'amazon.titan-x', body: '{"inputText":"hi"}' });
    await expect(client.send(titan)).rejects.toThrow(/Amazon Titan/);
  });

  test('its refusals are passed on, and wrong or missing credentials are said', async () => {
    const { client } = await relaying();
    server.answer({ status: 429, error: { error: { message: 'Slow down' } } });
    await expect(client.send(new ConverseCommand(ask('hi')))).rejects.toMatchObject({
      name: 'ThrottlingException',
    });
    for (const profile of ['wrong', 'missing']) {
      const { client } = await relaying({ profile });
      await expect(client.send(new ConverseCommand(ask('hi')))).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringMatching(`credentials of the profile ${profile}`),
      });
    }
  });

  test('is not looked for in the engine itself', async () => {
    setVariable('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
    const { client } = await relaying({ url: undefined });
    await expect(client.send(new ConverseCommand(ask('hi')))).rejects.toMatchObject({
      name: 'ModelErrorException',
      message: expect.stringMatching(/started with AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:9/),
    });
  });
});
