import { randomInt } from 'node:crypto';

/** Ids that no system gives to users or services of its own (systemd's "unused" range). */
const FIRST = 61184;
const LAST = 65519;

const taken = new Set<number>();

/** An unprivileged user id that no other sandbox of this process has; the limit of processes counts by user id. */
export function takeUserId(): { id: number; release(): void } {
  let id: number;
  do id = randomInt(FIRST, LAST + 1);
  while (taken.has(id));
  taken.add(id);
  return { id, release: () => void taken.delete(id) };
}
