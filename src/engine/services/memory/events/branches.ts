import type { EventRows, Session } from './rows.ts';

/** A branch, as far as another has grown from it. */
interface Stretch {
  branch: string;
  /** The id of its last event; all of it where there is none. */
  until?: string;
}

/** Comes after every event's id. */
export const AFTER_ALL = '~';

/** A branch and what it grew from, itself first. */
export function branchesFrom(rows: EventRows, session: Session, branch: string): Stretch[] {
  const stretches: Stretch[] = [{ branch }];
  for (let name = branch; ; ) {
    const { root, parent } = rows.branch(session, name) ?? {};
    if (!root || !parent || stretches.some((stretch) => stretch.branch === parent)) return stretches;
    stretches.push({ branch: parent, until: root });
    name = parent;
  }
}

/** The condition on events that are in any of these. */
export function inBranches(stretches: readonly Stretch[]): { sql: string; values: string[] } {
  const [own] = stretches;
  if (own && stretches.length === 1) return { sql: 'branch = ?', values: [own.branch] };
  const ends = stretches.map(({ branch, until = AFTER_ALL }) => [branch, until]);
  return { sql: 'id <= ? ->> branch', values: [JSON.stringify(Object.fromEntries(ends))] };
}
