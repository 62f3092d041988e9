import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../../src/engine/log.ts';
import { createEmbedder } from '../../../../src/engine/models/embeddings/index.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { startServer } from './support.ts';

let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer({ http2: true });
});
afterAll(() => server.close());

/** With credentials of the test's own. */
function embedder(model?: string) {
  const credentials = join(temporaryDir(), 'credentials');
  writeFileSync(credentials, '[ours]\naws_access_key_id=AKIAEXAMPLE\naws_secret_access_key=secret\n');
  const before = process.env.AWS_SHARED_CREDENTIALS_FILE;
  process.env.AWS_SHARED_CREDENTIALS_FILE = credentials;
  onTestFinished(() => {
    if (before === undefined) delete process.env.AWS_SHARED_CREDENTIALS_FILE;
    else process.env.AWS_SHARED_CREDENTIALS_FILE = before;
  });
  const access = { region: 'eu-west-1', profile: 'ours', url: server.url };
  return createEmbedder({ provider: 'bedrock', model, ...access }, { log: silentLog });
}

describe('an embedding model of Bedrock', () => {
  test('is Titan, one text after the other', async () => {
    server.answer(({ body }) => ({
      json: { embedding: [body.inputText.length, 0], inputTextTokenCount: 3 },
    }));
    const found = await embedder().embed(['one', 'three']);
    expect(found.map((vector) => [...vector])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(server.requests).toMatchObject([
      { path: '/model/amazon.titan-embed-text-v2:0/invoke', body: { inputText: 'one' } },
      { body: { inputText: 'three' } },
    ]);
  });

  test.each([
    ['cohere.embed-multilingual-v3', { embeddings: [[0, 2]] }],
    ['us.cohere.embed-v4:0', { embeddings: { float: [[0, 2]] } }],
  ])('is %s, told what asks from what is to be found', async (model, json) => {
    server.answer(() => ({ json }));
    const cohere = embedder(model);
    const [found] = await cohere.embed(['one'], undefined, 'query');
    expect([...(found ?? [])]).toEqual([0, 1]);
    await cohere.embed(['one']);
    expect(server.requests.map(({ body }) => body.input_type)).toEqual(['search_query', 'search_document']);
  });

  test('that is no such model is refused with names of some', async () => {
    await expect(embedder('meta.llama3-8b').embed(['one'])).rejects.toMatchObject({
      name: 'EmbeddingError',
      retryable: false,
      message: expect.stringMatching(/meta\.llama3-8b.*--embedding-name.*cohere/),
    });
  });

  test('that refuses, or answers in another form, says so', async () => {
    server.answer(() => ({ status: 403, json: { message: 'You may not' } }));
    await expect(embedder().embed(['one'])).rejects.toMatchObject({ name: 'EmbeddingError' });
    server.answer(() => ({ json: { vectors: [] } }));
    await expect(embedder().embed(['one'])).rejects.toMatchObject({
      retryable: true,
      message: expect.stringMatching(/titan-embed-text-v2:0 of Amazon Bedrock.*no form that is known/),
    });
  });
});
