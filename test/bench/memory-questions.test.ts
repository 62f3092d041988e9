import { expect, test } from 'vitest';
import { conversations } from '../../bench/memory/questions/conversations.ts';
import { chinese, english, type QuestionSet } from '../../bench/memory/questions/question-set.ts';
import { kinds } from '../../bench/memory/questions/topics.ts';

const sets = { english: english(), chinese: chinese() };
const ids = (of: readonly { id: string }[]) => new Set(of.map(({ id }) => id));
const ofHalf = ({ questions }: QuestionSet, half: string) =>
  questions.filter((question) => question.half === half);
/** The topic that a question or a fact is of. */
const topicOf = (id: string) => id.split('/')[0];

test('the question set is as large as it is said to be, with every kind in both halves', () => {
  const { facts, questions } = sets.english;
  expect(facts.length).toBeGreaterThanOrEqual(5_000);
  expect(questions.length).toBeGreaterThanOrEqual(300);
  for (const half of ['tuning', 'held-out'])
    for (const kind of kinds)
      expect(ofHalf(sets.english, half).filter((question) => question.kind === kind).length).toBeGreaterThan(
        30,
      );
  expect(sets.chinese.facts.length).toBeGreaterThanOrEqual(500);
  expect(sets.chinese.questions.length).toBeGreaterThanOrEqual(60);
});

test.each(Object.entries(sets))(
  '%s: facts differ, slots are filled, and every question has its facts',
  (_, set) => {
    const { facts, questions } = set;
    expect(ids(facts).size).toBe(facts.length);
    expect(new Set(facts.map(({ text }) => text)).size).toBe(facts.length);
    expect(ids(questions).size).toBe(questions.length);
    expect([...facts, ...questions].filter(({ text }) => /[{}]|undefined/.test(text))).toEqual([]);
    const known = ids(facts);
    for (const { id, gold } of questions) {
      expect(gold.length, id).toBeGreaterThan(0);
      expect(
        gold.filter((fact) => !known.has(fact) || topicOf(fact) !== topicOf(id)),
        id,
      ).toEqual([]);
    }
  },
);

test.each(Object.entries(sets))('%s: what is tuned on and what is not share no topic', (_, set) => {
  const topics = (half: string) => new Set(ofHalf(set, half).map(({ id }) => topicOf(id)));
  expect([...topics('tuning')].filter((topic) => topics('held-out').has(topic))).toEqual([]);
});

test('it is the same in every run', () => {
  expect(JSON.stringify(english())).toBe(JSON.stringify(sets.english));
});

test('conversations tell every fact once, and what was first of a topic first', () => {
  const { facts } = sets.english;
  const told = conversations('english', facts).flatMap(({ tells }) => tells);
  expect(told.toSorted()).toEqual([...ids(facts)].sort());
  const places = new Map(told.map((id, place) => [id, place]));
  const seconds = told.filter((id) => id.endsWith('/2'));
  expect(seconds.length).toBeGreaterThan(100);
  for (const second of seconds) {
    const first = places.get(second.replace(/2$/, '1')) ?? -1;
    expect(first, second).toBeLessThan(places.get(second) ?? 0);
  }
});
