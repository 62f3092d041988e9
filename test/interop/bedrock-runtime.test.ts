import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../src/engine/log.ts';
import { createModel } from '../../src/engine/models/index.ts';
import { createBedrockRuntime } from '../../src/engine/services/bedrock-runtime/index.ts';
import { started } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { type AskedCompletion, type Reply, startOpenAiServer } from '../support/openai-server.ts';
import { temporaryDir } from '../support/temporary.ts';

const DEADLINE_MS = 45_000;

/** How the model server answers the last message. */
function reply({ body }: AskedCompletion): Reply {
  const { role, content } = body.messages.at(-1);
  const said = JSON.stringify(content);
  if (role === 'tool') return { text: `It is ${content}.` };
  if (said.includes('weather'))
    return { toolCalls: [{ id: 'call-1', name: 'get_weather', arguments: '{"city":"Oslo"}' }] };
  if (said.includes('Too much')) return { status: 429, error: { error: { message: 'Slow down' } } };
  if (said.includes('Break off'))
    return { chunks: [{ choices: [{ index: 0, delta: { content: 'Hel' } }] }], end: 'break' };
  return { text: 'one two three four', pauseMs: said.includes('slowly') ? 300 : 0 };
}

/** An engine with a model server behind it, and boto3 pointed at it. */
async function start() {
  const server = await startOpenAiServer();
  onTestFinished(() => server.close());
  server.answer(reply);
  const model = createModel({ provider: 'openai', url: server.url });
  const engine = await started({ services: () => [createBedrockRuntime({ model, log: silentLog })] });
  const { accessKeyId, secretAccessKey } = engine.credentials();
  const env = {
    PATH: process.env.PATH,
    HOME: temporaryDir('home'),
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: engine.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
  };
  const boto3 = (...args: string[]) =>
    promisify(execFile)(interopPython, [join(import.meta.dirname, 'bedrock_runtime_boto3.py'), ...args], {
      env,
      timeout: DEADLINE_MS,
    });
  return { server, boto3 };
}

test('boto3 converses and invokes, whole and as streams, with tools and images', async () => {
  const { server, boto3 } = await start();
  const { stdout } = await boto3();
  expect(JSON.parse(stdout)).toEqual({
    called: {
      stopReason: 'tool_use',
      use: { toolUseId: 'call-1', name: 'get_weather', input: { city: 'Oslo' } },
    },
    answered: [{ text: 'It is {"celsius":3}.' }],
    usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
    answeredBy: `small-model at ${server.url}`,
    events: [
      'messageStart',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ],
    text: 'one two three four',
    invoked: expect.objectContaining({
      content: [{ type: 'text', text: 'one two three four' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 11, output_tokens: 7 },
    }),
    chunks: [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ],
    throttled: ['ThrottlingException', 429],
    titan: ['ValidationException', 400],
    guarded: ['ValidationException', 400],
    broken: ['modelStreamErrorException', null],
  });
  const asked = server.requests.map(({ body }) => body);
  expect(asked.find(({ max_tokens }) => max_tokens === 50)).toMatchObject({
    temperature: 0.1,
    messages: [
      { role: 'system', content: 'Be kind.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is on it?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${btoa('pixels')}` } },
        ],
      },
    ],
  });
});

test('a client that goes away in the middle of a stream takes the request to the model along', async () => {
  const { server, boto3 } = await start();
  await boto3('leave');
  await expect.poll(server.gone, { timeout: 10_000 }).toBe(1);
});
