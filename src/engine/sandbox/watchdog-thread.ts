import { type MessagePort, parentPort } from 'node:worker_threads';
import type { Alarm, Order } from './memory-watches.ts';
import { Watchdog } from './watchdog.ts';

// The thread of memory-watches.ts.
const port = parentPort as MessagePort;
const watchdogs = new Map<number, Watchdog>();

port.on('message', (order: Order) => {
  const { id } = order;
  if (order.do === 'watch') {
    const say = (alarm: Alarm['alarm']) => () => port.postMessage({ id, alarm } satisfies Alarm);
    const alarms = { onExcess: say('onExcess'), onLastingExcess: say('onLastingExcess') };
    watchdogs.set(id, new Watchdog(order.watched, alarms));
  } else if (order.do === 'attend') {
    watchdogs.get(id)?.attend(order.attention);
  } else {
    watchdogs.get(id)?.stop();
    watchdogs.delete(id);
  }
});
