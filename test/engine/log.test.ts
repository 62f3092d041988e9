import { existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { boundedWriter, createLog, type LogLevel } from '../../src/engine/log.ts';
import { temporaryDir } from '../support/temporary.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void, level: LogLevel = 'debug') {
  const lines: string[] = [];
  write(createLog({ level, write: (line) => lines.push(line) }));
  for (const line of lines) expect(line).toMatch(/^[^\n]*\n$/);
  return lines;
}

test('each entry is one JSON object on one line', () => {
  const [line = ''] = logged((log) => log.info('Größe\nändert 数据', { size: 3n, nested: { list: [1] } }));
  expect(JSON.parse(line)).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    level: 'info',
    message: 'Größe\nändert 数据',
    size: '3',
    nested: { list: [1] },
  });
});

test('what is below the level is not written', () => {
  const lines = logged((log) => {
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d', { error: new Error('why') });
  }, 'warn');
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(['c', 'd']);
  expect(lines[1]).toContain('Error: why');
});

test('secrets are hidden, by name and by form, at any depth', () => {
  const secret = 'hunter2hunter2hunter2';
  const signature = '0123456789abcdef'.repeat(4);
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
  const [line = ''] = logged((log) =>
    log.error(`Credential=x, Signature=${signature} and Bearer ${secret}`, {
      secretAccessKey: secret,
      headers: { authorization: secret, cookie: secret, 'x-api-key': secret },
      sessionToken: secret,
      url: `http://x/?X-Amz-Signature=${signature}`,
      error: new Error(`token ${jwt}`),
    }),
  );
  for (const hidden of [secret, signature, jwt]) expect(line).not.toContain(hidden);
});

test('secrets of AWS are hidden as they are in answers to clients', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----';
  const [line = ''] = logged((log) =>
    log.error(`AKIAIOSFODNN7EXAMPLE with SecretAccessKey=${secret}`, { error: new Error(key) }),
  );
  expect(JSON.parse(line).message).toBe('[hidden] with SecretAccessKey=[hidden]');
  expect(line).not.toMatch(/MIIEvQ/);
});

test('an entry of any size stays short and readable', () => {
  const [line = ''] = logged((log) => log.warn('big', { data: 'x'.repeat(100_000) }));
  expect(line.length).toBeLessThan(20_000);
  expect(JSON.parse(line)).toMatchObject({ level: 'warn', message: expect.stringMatching(/^big /) });
});

test('a value that cannot be written down does not break the log', () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const [line = ''] = logged((log) => log.warn('round', { circular }));
  expect(JSON.parse(line)).toMatchObject({ message: 'round' });
});

test('a log in a file never grows beyond its bound, and keeps the latest entries', () => {
  const file = join(temporaryDir(), 'engine.log');
  const write = boundedWriter(openSync(file, 'a'), 1_000);
  for (let n = 0; n < 1_000; n++) {
    write(`entry ${n} Größe\n`);
    expect(statSync(file).size).toBeLessThan(1_100);
  }
  expect(readFileSync(file, 'utf8')).toMatch(/^(entry \d+ Größe\n)+$/);
  expect(readFileSync(file, 'utf8')).toContain('entry 999 ');
});

test.runIf(existsSync('/dev/full'))('a log that cannot be written stops nobody', () => {
  const write = boundedWriter(openSync('/dev/full', 'a'), 1_000);
  for (let n = 0; n < 3; n++) write(`entry ${n}\n`);
});
