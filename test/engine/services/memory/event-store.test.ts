import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Clock } from '../../../../src/engine/clock.ts';
import { silentLog } from '../../../../src/engine/log.ts';
import { EventStore } from '../../../../src/engine/services/memory/events/event-store.ts';
import type { EventRow } from '../../../../src/engine/services/memory/memory.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { said } from './support.ts';

const key = { scope: { account: '111122223333', region: 'us-east-1' }, memoryId: 'notes-0123456789' };
const tables = ['actors', 'sessions', 'branches', 'events', 'event_tokens'];

function open() {
  const store = openStore(join(temporaryDir(), 'engine.db'), { passing: true });
  const clock = new Clock();
  const events = new EventStore({ store, clock, log: silentLog });
  const kept: string[] = [];
  const listener = {
    kept: (_: unknown, { eventId }: EventRow) => void kept.push(eventId),
    wake: () => void kept.push('woken'),
  };
  let moment = 0;
  return {
    ...{ clock, events, kept },
    add(text: string, { branch = { name: 'main' }, token, ...more }: Added = {}) {
      const at = ++moment;
      const event = { actorId: 'anna', sessionId: 'one', at, payload: [said(text)], branch, ...more };
      return events.create(key, event, { days: 3, token, listener });
    },
    left: () =>
      tables.map((table) => store.all<{ n: number }>(`SELECT count(*) AS n FROM memory_${table}`)[0]?.n),
  };
}

type Added = Partial<Pick<EventRow, 'actorId' | 'sessionId' | 'branch'>> & { token?: string };

const textsOf = (events: EventRow[]) =>
  events.map(({ payload }) => payload[0]?.conversational?.content?.text);

test('what led to an event is of its branch and what that grew from, oldest first', () => {
  const { events, add } = open();
  add('a');
  const root = add('b');
  const fork = { name: 'fork', rootEventId: root.eventId };
  add('c', { branch: fork });
  add('d');
  const last = add('e', { branch: { name: 'fork' } });
  add('f', { branch: { name: 'fork' } });
  const upTo = (options: { eventId?: string; limit: number }) =>
    textsOf(events.upTo(key, 'anna', 'one', options));
  expect(upTo({ eventId: last.eventId, limit: 10 })).toEqual(['a', 'b', 'c', 'e']);
  expect(upTo({ eventId: last.eventId, limit: 3 })).toEqual(['b', 'c', 'e']);
  expect(upTo({ limit: 10 })).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  events.delete(key, 'anna', 'one', last.eventId);
  expect(upTo({ eventId: last.eventId, limit: 10 })).toEqual([]);
});

test('a listener hears of each new event, and what it throws undoes the event', () => {
  const { events, kept, add } = open();
  const { eventId } = add('a', { token: 't' });
  add('b', { token: 't' });
  expect(kept).toEqual([eventId, 'woken']);
  const failing = { kept: () => expect.fail('no room'), wake() {} };
  const event = { actorId: 'anna', sessionId: 'two', at: 0, payload: [], branch: { name: 'main' } };
  expect(() => events.create(key, event, { days: 3, listener: failing })).toThrow('no room');
  expect(events.upTo(key, 'anna', 'two', { limit: 1 })).toEqual([]);
});

test('of what is forgotten or has expired nothing is left', async () => {
  const { clock, events, add, left } = open();
  const { eventId: rootEventId } = add('root', { token: 't' });
  add('fork', { branch: { name: 'fork', rootEventId } });
  for (let n = 0; n < 1200; n++) add(`${n}`, { actorId: 'bob', sessionId: `${n % 3}` });
  expect(left()).toEqual([2, 4, 1, 1202, 1]);

  events.forget(key);
  expect(events.upTo(key, 'anna', 'one', { limit: 10 })).toEqual([]);
  const again = add('again', { token: 't' });
  expect(textsOf(events.upTo(key, 'anna', 'one', { limit: 10 }))).toEqual(['again']);
  await expect.poll(left).toEqual([1, 1, 0, 1, 1]);

  await clock.advance(2 * 24 * 3600 * 1000);
  add('later', { sessionId: 'two' });
  await clock.advance(24 * 3600 * 1000);
  expect(events.get(key, 'anna', 'one', again.eventId)).toBeUndefined();
  events.sweep();
  await expect.poll(left).toEqual([1, 1, 0, 1, 0]);
});
