import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetCodeInterpreterSessionCommand,
  ListCodeInterpreterSessionsCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { type Engine, startEngine } from '../../../src/engine/index.ts';
import { ask, dataClient, liveService, started, until } from '../../support/engine.ts';
import { describeSandbox } from '../../support/sandbox.ts';
import { temporaryDir } from '../../support/temporary.ts';
import { identifier, inSession, startSession } from '../services/code-interpreter/support.ts';
import { failureOf } from '../services/runtime/data-support.ts';

/** One request to an engine's control routes. */
async function control(
  engine: Pick<Engine, 'url' | 'controlToken'>,
  method: string,
  path: string,
  { body, token = engine.controlToken, ...headers }: { body?: unknown; token?: string; origin?: string } = {},
) {
  const response = await fetch(`${engine.url}/_engine/control${path}`, {
    method,
    headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, answer: text && JSON.parse(text) };
}

const routes = [
  ['POST', '/reset', undefined],
  ['GET', '/clock', undefined],
  ['POST', '/clock', { advanceMs: 1_500 }],
  ['PUT', '/faults', [{ operation: '*', delayMs: 1 }]],
  ['GET', '/faults', undefined],
  ['DELETE', '/faults', undefined],
] as const;

test('every control route answers who bears the token, and nobody else', async () => {
  const engine = await started({ auth: 'none' });
  expect(engine.controlUrl).toBe(`${engine.url}/_engine/control`);
  for (const [method, path, body] of routes) {
    const what = `${method} ${path}`;
    const refused = { status: 401, answer: { message: expect.stringContaining('controlToken') } };
    for (const token of ['', 'wrong', `${engine.controlToken}x`])
      expect(await control(engine, method, path, { body, token }), what).toEqual(refused);
    const foreign = await control(engine, method, path, { body, origin: engine.url });
    expect(foreign, what).toEqual({ status: 403, answer: { message: expect.stringContaining('web pages') } });
    expect((await control(engine, method, path, { body })).status, what).toBeLessThan(205);
  }
  const rebound = await ask(`${engine.url}/_engine/control/clock`, {
    headers: { host: 'evil.example', authorization: `Bearer ${engine.controlToken}` },
  });
  expect(rebound.status).toBe(403);
});

test('control routes say what they take', async () => {
  const engine = await started();
  const told = (words: string) => ({ message: expect.stringContaining(words) });
  const cases = [
    ['POST', '/clock', { advanceMs: -1 }, 400, 'forward'],
    ['POST', '/clock', { advanceMs: '1' }, 400, 'advanceMs'],
    ['POST', '/clock', undefined, 400, 'advanceMs'],
    ['POST', '/clock', 'now', 400, 'no JSON'],
    ['PUT', '/faults', [{ operation: 'X', delayMs: 1 }], 400, 'no operation'],
    ['PUT', '/faults', undefined, 400, 'no fault rules'],
    ['DELETE', '/clock', undefined, 405, 'GET, POST'],
    ['GET', '/reset', undefined, 405, 'POST'],
    ['POST', '/resets', undefined, 404, '/reset, /clock, /faults'],
    ['POST', '', undefined, 404, '/reset'],
    ['PUT', '/constructor', undefined, 404, '/reset'],
  ] as const;
  for (const [method, path, body, status, words] of cases)
    expect(await control(engine, method, path, { body })).toEqual({ status, answer: told(words) });
  const moved = await control(engine, 'POST', '/clock', { body: { advanceMs: 86_400_000 } });
  expect(moved).toEqual({ status: 200, answer: { now: expect.any(String), offsetMs: 86_400_000 } });
  expect(Math.abs(Date.parse(moved.answer.now) - engine.clock.now())).toBeLessThan(60_000);
  const rule = { operation: '*', error: 'ThrottlingException', times: 1 };
  const report = [{ ...rule, struck: 0 }];
  expect(await control(engine, 'PUT', '/faults', { body: [rule] })).toEqual({ status: 200, answer: report });
  expect(engine.faults.list()).toEqual(report);
  expect(await control(engine, 'DELETE', '/faults')).toEqual({ status: 204, answer: '' });
  expect((await control(engine, 'GET', '/faults')).answer).toEqual([]);
});

test('an engine with a data directory has none of it', async () => {
  const engine = await started({ dataDir: temporaryDir(), services: liveService() });
  expect(engine).toMatchObject({ url: expect.any(String) });
  expect([engine.controlUrl, engine.controlToken]).toEqual([undefined, undefined]);
  for (const [method, path, body] of routes)
    expect(await control(engine, method, path, { body, token: 'any' })).toMatchObject({ status: 404 });
  const refusal = /has a data directory/;
  await expect(engine.reset()).rejects.toThrow(refusal);
  await expect(engine.clock.advance(1)).rejects.toThrow(refusal);
  await expect(engine.faults.set([])).rejects.toThrow(refusal);
});

test('many resets in a row leave nothing behind; a closed engine is not reset', async () => {
  const engine = await startEngine();
  const descriptors = () => readdirSync('/proc/self/fd').length;
  await engine.reset();
  const before = { descriptors: descriptors(), files: readdirSync(engine.dataDir).sort() };
  const { url, generation } = engine;
  for (let reset = 0; reset < 30; reset++) await engine.reset();
  expect({ descriptors: descriptors(), files: readdirSync(engine.dataDir).sort() }).toEqual(before);
  expect((await control(engine, 'GET', '/clock')).answer.offsetMs).toBe(0);
  expect({ url, generation }).toEqual({ url: engine.url, generation: engine.generation });
  await engine.close();
  await expect(engine.reset()).rejects.toThrow('closing');
});

describeSandbox('an engine for tests', () => {
  test('code sessions end by the moved clock, and everything is gone after a reset', async () => {
    const engine = await started();
    const client = dataClient(engine);
    const s3 = new S3Client({
      endpoint: engine.url,
      region: 'us-east-1',
      credentials: engine.credentials(),
      forcePathStyle: true,
    });
    onTestFinished(() => s3.destroy());
    const startTwice = () =>
      startSession(client, { clientToken: 'token-of-at-least-thirty-three-characters' });
    const sessionId = await startTwice();
    expect(await startTwice()).toBe(sessionId);
    const get = async () =>
      (
        await client.send(
          new GetCodeInterpreterSessionCommand({ codeInterpreterIdentifier: identifier, sessionId }),
        )
      ).status;
    await engine.clock.advance(890_000);
    expect(await get()).toBe('READY');
    await engine.clock.advance(10_000);
    expect(await get()).toBe('TERMINATED');
    await until(() => engine.live() === 0);
    await engine.clock.advance(24 * 3_600_000);
    const later = await startTwice();
    expect(later).not.toBe(sessionId);

    await s3.send(new CreateBucketCommand({ Bucket: 'agents' }));
    await s3.send(new PutObjectCommand({ Bucket: 'agents', Key: 'a', Body: 'a' }));
    await engine.faults.set([{ operation: 'GetCodeInterpreter', error: 'InternalServerException' }]);
    await engine.reset();
    expect(engine.live()).toBe(0);
    expect(engine.clock.offsetMs).toBe(0);
    expect(engine.faults.list()).toEqual([]);
    const sessions = await client.send(
      new ListCodeInterpreterSessionsCommand({ codeInterpreterIdentifier: identifier }),
    );
    expect(sessions.items).toEqual([]);
    expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    expect(existsSync(join(engine.dataDir, 'master.key'))).toBe(true);
    expect(await startTwice()).not.toBe(later);
  });

  test('calls under a reset fail in words or wait for it', async () => {
    const engine = await started();
    const client = dataClient(engine);
    const sessionId = await startSession(client);
    const { python, shell } = inSession(client, sessionId);
    const reading = failureOf(python('open("begun", "w").close(); import time; time.sleep(600)'));
    await until(async () => !(await shell('cat begun')).isError);
    const resets = [engine.reset(), engine.reset()];
    const asked = client.send(
      new ListCodeInterpreterSessionsCommand({ codeInterpreterIdentifier: identifier }),
    );
    await Promise.all(resets);
    expect((await asked).items).toEqual([]);
    expect((await reading).message).toContain('the engine was reset');
    expect(await startSession(client)).toMatch(/^[0-9A-Z]{26}$/);
  });
});
