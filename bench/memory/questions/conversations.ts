import type { Fact } from './question-set.ts';
import { randomOf } from './random.ts';
import { readSentences } from './topics.ts';

/** A message of a conversation. */
export interface Turn {
  id: string;
  session: string;
  role: 'USER' | 'ASSISTANT';
  text: string;
  /** The facts it tells, by their ids. */
  tells: readonly string[];
}

/** How many facts the user tells at once, at most. */
const AT_ONCE = 3;
/** Messages of the user. */
const PER_SESSION = 12;

/** The facts in an order in which they could be told: one subject after another, what was first of a topic first. */
function inGroups(facts: readonly Fact[]): Fact[][] {
  const random = randomOf('conversations');
  const bySubject = Map.groupBy(facts, ({ subject, id }) => subject ?? id);
  const groups = [...bySubject.values()].flatMap((told) => {
    const mixed = random.shuffled(told);
    const groups: Fact[][] = [];
    for (let from = 0; from < mixed.length; ) {
      const count = 1 + random.below(AT_ONCE);
      groups.push(mixed.slice(from, from + count));
      from += count;
    }
    return groups;
  });
  return inTime(random.shuffled(groups));
}

/** The second part of a topic changes places with the first one where it would be told before it. */
function inTime(groups: Fact[][]): Fact[][] {
  const first = new Map<string, [number, number]>();
  groups.forEach((group, at) => {
    group.forEach(({ id }, index) => {
      const [, topic, part] = /^(.*)\/([12])$/.exec(id) ?? [];
      if (topic && part === '2') first.set(topic, [at, index]);
      const later = topic && part === '1' ? first.get(topic) : undefined;
      if (!later) return;
      const [a, b] = later;
      const earlier = groups[a]?.[b] as Fact;
      (groups[a] as Fact[])[b] = group[index] as Fact;
      group[index] = earlier;
    });
  });
  return groups;
}

/** The facts, told in conversations among what else is said; the same in every run. */
export function conversations(language: string, facts: readonly Fact[]): Turn[] {
  const said = readSentences(language, 'talk.txt');
  const one = (kind: string, key: string) => randomOf(`${kind}/${key}`).one(said.get(kind) ?? []);
  return inGroups(facts).flatMap((group, index) => {
    const session = `session-${Math.floor(index / PER_SESSION) + 1}`;
    const told = group.map(({ text }) => text).join(' ');
    const key = String(index);
    const text = [
      ...(randomOf(`opens/${key}`).below(2) ? [one('before', key)] : []),
      told,
      ...(randomOf(`ends/${key}`).below(2) ? [one('after', key)] : []),
    ].join(' ');
    return [
      { id: `u${index}`, session, role: 'USER', text, tells: group.map(({ id }) => id) },
      { id: `a${index}`, session, role: 'ASSISTANT', text: one('answer', key), tells: [] },
    ] satisfies Turn[];
  });
}
