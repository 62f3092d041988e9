import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collect } from '../../../src/engine/models/collect.ts';
import { createModel } from '../../../src/engine/models/index.ts';
import { ModelServer } from '../../../src/engine/models/openai/model-server.ts';
import { type AskedCompletion, startOpenAiServer } from '../../support/openai-server.ts';
import { ask, eventsOf, failureOf, modelId, outline, weatherTool } from './support.ts';

let server: Awaited<ReturnType<typeof startOpenAiServer>>;

beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());
beforeEach(() => server.answer({ text: 'Hello from the model.' }));

const apiKey = 'sk-very-secret-1';
const connect = (settings: { model?: string; silenceMs?: number } = {}) =>
  createModel({ provider: 'openai', url: server.url, apiKey, model: settings.model }, settings);

/** The body that the server got for a request. */
async function sent(request: Parameters<typeof eventsOf>[1]): Promise<AskedCompletion['body']> {
  await eventsOf(connect({ model: 'small-model' }), request);
  return server.requests.at(-1)?.body;
}

describe('what an OpenAI-compatible server is asked', () => {
  test('the model that is configured, with the key, as a stream', async () => {
    const body = await sent(ask('hi'));
    expect(body).toMatchObject({
      model: 'small-model',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}`);
  });

  test('settings, stop sequences, a system prompt and additional fields', async () => {
    const body = await sent(
      ask('hi', {
        system: [{ text: 'Be kind.' }, { cachePoint: { type: 'default' } }, { text: 'Be short.' }],
        inferenceConfig: { maxTokens: 50, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
        additionalModelRequestFields: {
          top_k: 5,
          reasoning_effort: 'low',
          thinking: { type: 'enabled' },
          model: 'another',
        },
      }),
    );
    expect(body).toMatchObject({
      model: 'small-model',
      max_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      stop: ['END'],
      top_k: 5,
      reasoning_effort: 'low',
      messages: [
        { role: 'system', content: 'Be kind.\n\nBe short.' },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(body).not.toHaveProperty('thinking');
  });

  test('tools, and the choice among them', async () => {
    const tools = [weatherTool, { cachePoint: { type: 'default' as const } }];
    const choices = [{ auto: {} }, { any: {} }, { tool: { name: 'get_weather' } }] as const;
    const bodies = [];
    for (const toolChoice of choices)
      bodies.push(await sent(ask('hi', { toolConfig: { tools, toolChoice } })));
    expect(bodies.map((body) => body.tool_choice)).toEqual([
      'auto',
      'required',
      { type: 'function', function: { name: 'get_weather' } },
    ]);
    const { name, description, inputSchema } = weatherTool.toolSpec;
    expect(bodies[0].tools).toEqual([
      { type: 'function', function: { name, description, parameters: inputSchema.json } },
    ]);
  });

  test('a conversation with a tool, whose result is text, JSON and an image', async () => {
    const body = await sent({
      modelId,
      messages: [
        { role: 'user', content: [{ text: 'Weather?' }] },
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'I should look.', signature: 's' } } },
            { text: 'Let me look.' },
            { toolUse: { toolUseId: 'call-1', name: 'get_weather', input: { city: 'Oslo' } } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              toolResult: {
                toolUseId: 'call-1',
                status: 'success',
                content: [
                  { text: 'cold' },
                  { json: { celsius: 3 } },
                  { image: { format: 'png', source: { bytes: Buffer.from('pixels') } } },
                ],
              },
            },
            { text: 'And tomorrow?' },
          ],
        },
      ],
    });
    expect(body.messages).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: [
          { id: 'call-1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call-1', content: 'cold\n{"celsius":3}' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'The images that get_weather answered:' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${btoa('pixels')}` } },
          { type: 'text', text: 'And tomorrow?' },
        ],
      },
    ]);
  });

  test('images and documents of text', async () => {
    const content = [
      { image: { format: 'jpeg' as const, source: { bytes: Buffer.from('photo') } } },
      { document: { name: 'notes', format: 'md' as const, source: { bytes: Buffer.from('# Größe') } } },
    ];
    const body = await sent({ modelId, messages: [{ role: 'user', content }] });
    expect(body.messages[0].content).toEqual([
      { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${btoa('photo')}` } },
      { type: 'text', text: 'Document notes:\n# Größe' },
    ]);
  });

  test('the only model of the server where none is configured, and otherwise the one asked for', async () => {
    await eventsOf(connect(), ask('hi'));
    expect(server.requests[0]?.body.model).toBe('small-model');
    const many = await startOpenAiServer(['a', 'b']);
    try {
      await eventsOf(createModel({ provider: 'openai', url: many.url }), ask('hi', { modelId: 'b' }));
      expect(many.requests[0]?.body.model).toBe('b');
    } finally {
      await many.close();
    }
  });

  test('OpenAI itself gets the limit on tokens by its newer name', () => {
    const body = { model: 'm', max_tokens: 5 };
    expect(new ModelServer('https://api.openai.com/v1').requestBody(body)).toEqual({
      model: 'm',
      max_completion_tokens: 5,
    });
    expect(new ModelServer(server.url).requestBody(body)).toEqual(body);
  });

  test('nothing where the request has what such a server cannot do', async () => {
    const document = { name: 'paper', format: 'pdf' as const, source: { bytes: Buffer.from('%PDF') } };
    const s3Image = { format: 'png' as const, source: { s3Location: { uri: 's3://b/k' } } };
    const refused: [Parameters<typeof eventsOf>[1], RegExp][] = [
      [ask('hi', { guardrailConfig: { guardrailIdentifier: 'g1', guardrailVersion: '1' } }), /guardrail g1/],
      [ask('hi', { promptVariables: { a: { text: 'b' } } }), /[Pp]rompts kept by Bedrock/],
      [ask('hi', { toolConfig: { tools: [{ systemTool: { name: 's' } }] } }), /toolConfig\.tools\[0\]/],
      [
        { modelId, messages: [{ role: 'user', content: [{ document }] }] },
        /messages\[0\]\.content\[0\]\.document: .*paper is pdf/,
      ],
      [{ modelId, messages: [{ role: 'user', content: [{ image: s3Image }] }] }, /image\.source: .*S3/],
      [
        {
          modelId,
          messages: [
            { role: 'user', content: [{ video: { format: 'mp4', source: { bytes: Buffer.from('v') } } }] },
          ],
        },
        /cannot read video/,
      ],
    ];
    for (const [request, message] of refused) {
      const error = await failureOf(connect({ model: 'small-model' }), request);
      expect(error).toMatchObject({ name: 'ValidationException', message: expect.stringMatching(message) });
    }
    expect(server.requests).toEqual([]);
  });
});

describe('what an OpenAI-compatible server answers', () => {
  test('text, in the pieces in which it came, with the server’s own token counts', async () => {
    const events = await eventsOf(connect(), ask('hi'));
    expect(outline(events)).toEqual([
      'messageStart',
      '0 Hello ',
      '0 from ',
      '0 the ',
      '0 model.',
      '0 stop',
      'messageStop end_turn',
      'metadata',
    ]);
    expect(events.at(-2)?.messageStop?.additionalModelResponseFields).toEqual({
      answeredBy: `small-model at ${server.url}`,
    });
    expect(events.at(-1)?.metadata).toEqual({
      usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
      metrics: { latencyMs: expect.any(Number) },
    });
  });

  test('each piece arrives before the next one is sent', async () => {
    server.answer({ text: 'one two', pauseMs: 400 });
    const arrivals: number[] = [];
    for await (const { contentBlockDelta } of connect().converse(ask('hi'), new AbortController().signal))
      if (contentBlockDelta) arrivals.push(performance.now());
    expect((arrivals[1] ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(200);
  });

  test('reasoning, text and two tool calls as blocks one after the other', async () => {
    server.answer({
      reasoning: 'Hm.',
      text: 'Let me look.',
      toolCalls: [
        { id: 'call-1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
        { id: 'call-2', name: 'get_weather', arguments: '{"city":"Rome"}' },
      ],
    });
    const events = await eventsOf(connect(), ask('hi'));
    expect(outline(events)).toEqual([
      'messageStart',
      '0 thinks Hm.',
      '0 stop',
      '1 Let ',
      '1 me ',
      '1 look.',
      '1 stop',
      '2 start get_weather',
      '2 {"city"',
      '2 :"Oslo"}',
      '2 stop',
      '3 start get_weather',
      '3 {"city"',
      '3 :"Rome"}',
      '3 stop',
      'messageStop tool_use',
      'metadata',
    ]);
  });

  test('the same as a whole', async () => {
    server.answer({
      reasoning: 'Hm.',
      text: 'Let me look.',
      toolCalls: [{ id: 'call-1', name: 'get_weather', arguments: '{"city":"Oslo"}' }],
    });
    const answer = await collect(connect().converse(ask('hi'), new AbortController().signal));
    expect(answer).toEqual({
      output: {
        message: {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'Hm.', signature: undefined } } },
            { text: 'Let me look.' },
            { toolUse: { toolUseId: 'call-1', name: 'get_weather', input: { city: 'Oslo' } } },
          ],
        },
      },
      stopReason: 'tool_use',
      usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
      metrics: { latencyMs: expect.any(Number) },
      additionalModelResponseFields: { answeredBy: `small-model at ${server.url}` },
    });
  });

  test('tool calls that a server sends mixed are sorted out', async () => {
    const call = (index: number, more: object) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index, ...more }] }, finish_reason: null }],
    });
    server.answer({
      chunks: [
        call(0, { id: 'a', function: { name: 'first', arguments: '{"x":' } }),
        call(1, { id: 'b', function: { name: 'second', arguments: '' } }),
        call(0, { function: { arguments: '1}' } }),
        { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      ],
    });
    expect(outline(await eventsOf(connect(), ask('hi')))).toEqual([
      'messageStart',
      '0 start first',
      '0 {"x":',
      '0 1}',
      '0 stop',
      '1 start second',
      '1 {}',
      '1 stop',
      'messageStop tool_use',
      'metadata',
    ]);
  });

  test('why it stopped', async () => {
    const replies = [
      { text: 'a', finish: 'length' },
      { text: 'a', finish: 'content_filter' },
      { text: 'a', choice: { stop_reason: 'END' } },
      { toolCalls: [{ id: 'c', name: 'get_weather', arguments: '{"city": ' }] },
      { text: 'a', finish: 'something new' },
    ];
    const reasons = [];
    for (const reply of replies) {
      server.answer(reply);
      const events = await eventsOf(connect(), ask('hi'));
      reasons.push(events.find(({ messageStop }) => messageStop)?.messageStop);
    }
    expect(reasons.map((stop) => stop?.stopReason)).toEqual([
      'max_tokens',
      'content_filtered',
      'stop_sequence',
      'malformed_tool_use',
      'end_turn',
    ]);
    expect(reasons[2]?.additionalModelResponseFields).toMatchObject({ stop_sequence: 'END' });
  });

  test('tokens from a cache are counted apart, and a server that counts none gets an estimate that says so', async () => {
    server.answer({
      text: 'a',
      usage: { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 90 } },
    });
    const cached = await eventsOf(connect(), ask('hi'));
    expect(cached.at(-1)?.metadata?.usage).toEqual({
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 105,
      cacheReadInputTokens: 90,
    });
    server.answer({ text: '12345678', usage: null });
    const estimated = await eventsOf(connect(), ask('abcdefghijkl'));
    expect(estimated.at(-2)?.messageStop?.additionalModelResponseFields).toMatchObject({
      usage: 'estimated',
    });
    expect(estimated.at(-1)?.metadata?.usage?.outputTokens).toBe(2);
  });
});

describe('failures of an OpenAI-compatible server', () => {
  const failures: [string, number, unknown, string, RegExp][] = [
    [
      'a wrong key',
      401,
      { error: { message: `Incorrect API key: ${apiKey}.` } },
      'AccessDeniedException',
      /\[hidden\]/,
    ],
    [
      'a lack of rights',
      403,
      { error: { message: 'No.' } },
      'AccessDeniedException',
      /AGENTCORE_MCP_MODEL_API_KEY/,
    ],
    [
      'an unknown model',
      404,
      { error: { message: 'model "x" not found' } },
      'ResourceNotFoundException',
      /has no model x\. It has: small-model\./,
    ],
    [
      'an unknown model in other words',
      400,
      { error: { message: 'x is not a valid model ID' } },
      'ResourceNotFoundException',
      /It has: small-model/,
    ],
    ['too many requests', 429, { error: { message: 'Slow down' } }, 'ThrottlingException', /Slow down/],
    [
      'a conversation that is too long',
      400,
      { error: { message: "This model's maximum context length is 8192 tokens." } },
      'ValidationException',
      /^Input is too long for requested model/,
    ],
    [
      'a bad request',
      400,
      { error: { message: 'temperature must be below 2' } },
      'ValidationException',
      /temperature/,
    ],
    [
      'a server that is loading',
      503,
      { error: { message: 'Loading model' } },
      'ServiceUnavailableException',
      /Loading/,
    ],
    ['a fault of the server', 500, { error: { message: 'CUDA' } }, 'ModelErrorException', /CUDA/],
    ['a body that is no JSON', 502, 'Bad Gateway', 'ModelErrorException', /502/],
  ];
  test.each(failures)('%s', async (_, status, error, name, message) => {
    server.answer({ status, error });
    const failure = await failureOf(connect({ model: 'x' }), ask('hi'));
    expect(failure).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(JSON.stringify(failure) + failure.message).not.toContain(apiKey);
  });

  test('no server at the address', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    const url = `http://127.0.0.1:${port}/v1`;
    expect(await failureOf(createModel({ provider: 'openai', url }), ask('hi'))).toMatchObject({
      name: 'ModelErrorException',
      message: `No model server answers at ${url} (connection refused). Start it (Ollama: ollama serve), or name another one with --model-url.`,
    });
  });

  test('an address that is not that of the API', async () => {
    const url = server.url.replace('/v1', '');
    expect(await failureOf(createModel({ provider: 'openai', url, model: 'x' }), ask('hi'))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: expect.stringMatching(/mostly ends in \/v1/),
    });
  });

  test('a server that breaks off, that ends without a reason, and that reports an error on the way', async () => {
    const chunk = { choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] };
    server.answer({ chunks: [chunk], end: 'break' });
    expect(await failureOf(connect(), ask('hi'))).toMatchObject({ name: 'ModelStreamErrorException' });
    server.answer({ text: 'Hel', finish: null });
    expect(await failureOf(connect(), ask('hi'))).toMatchObject({ name: 'ModelStreamErrorException' });
    server.answer({ chunks: [chunk, { error: { message: 'out of memory' } }] });
    expect(await failureOf(connect(), ask('hi'))).toMatchObject({
      name: 'ModelStreamErrorException',
      message: expect.stringMatching(/out of memory/),
    });
    server.answer({ chunks: [{ error: { message: 'out of memory' } }] });
    expect(await failureOf(connect(), ask('hi'))).toMatchObject({ name: 'ModelErrorException' });
  });

  test('a server that says nothing is given up', async () => {
    server.answer('silence');
    expect(await failureOf(connect({ silenceMs: 300 }), ask('hi'))).toMatchObject({
      name: 'ModelTimeoutException',
      message: `The model server at ${server.url} has said nothing for 0.3 s.`,
    });
  });

  test('who asks and goes away takes the request along', async () => {
    const before = server.gone();
    server.answer({ text: 'one two three four', pauseMs: 100 });
    const going = new AbortController();
    const events = connect().converse(ask('hi'), going.signal)[Symbol.asyncIterator]();
    await events.next();
    going.abort(new Error('gone'));
    await expect(async () => {
      while (!(await events.next()).done);
    }).rejects.toThrow('gone');
    await expect.poll(server.gone, { timeout: 10_000 }).toBe(before + 1);

    for await (const _ of connect().converse(ask('hi'), new AbortController().signal)) break;
    await expect.poll(server.gone, { timeout: 10_000 }).toBe(before + 2);
  });

  test('a URL that is none, or that has a password in it', () => {
    const wrong = (url: string) => () => createModel({ provider: 'openai', url });
    expect(wrong('localhost:11434')).toThrow(/must be like http:\/\/127\.0\.0\.1:11434\/v1/);
    expect(wrong('http://me:pass@host/v1')).toThrow(/must not have/);
    expect(wrong('http://me:pass@host/v1')).not.toThrow(/me:pass/);
  });
});
