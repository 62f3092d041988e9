import { type Random, randomOf } from './random.ts';
import { slotsOf, type Topic } from './topics.ts';

/** What the slots of a fact stand for, by their names. */
export type Values = Readonly<Record<string, string>>;

/** Who or what facts are about. */
export interface Subject {
  slot: 'name' | 'project';
  value: string;
  /** Words that come with it: pronouns. */
  words: Values;
}

const letters = 'ABCDEFGHKLMNPRSTUVWXYZ';
const animals = ['otter', 'heron', 'badger', 'lynx', 'marten', 'osprey'];

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.below(10)).join('');
}

/** Values that are made, not chosen. */
const made: Readonly<Record<string, (random: Random) => string>> = {
  code: (random) => `${random.one([...letters])}${random.one([...letters])}-${digits(random, 4)}`,
  phone: (random) => `0171 555 ${digits(random, 4)}`,
  digits: (random) => `${1 + random.below(9)}${digits(random, 3)}`,
  number: (random) => String(12 + random.below(70)),
  room: (random) => `${random.one(['A', 'B', 'C'])}.${1 + random.below(4)}${digits(random, 2)}`,
  host: (random) => `${random.one(animals)}-${10 + random.below(90)}.internal`,
  version: (random) => `${1 + random.below(9)}.${random.below(30)}.${random.below(10)}`,
};

/** Women and men have pronouns; where the language needs none, people are people. */
export function subjects(pools: ReadonlyMap<string, readonly string[]>): Subject[] {
  const named = (pool: string, words: Values) =>
    (pools.get(pool) ?? []).map((value) => ({ slot: 'name', value, words }) satisfies Subject);
  return [
    ...named('women', { she: 'she', her: 'her', them: 'her' }),
    ...named('men', { she: 'he', her: 'his', them: 'him' }),
    ...named('people', {}),
    ...(pools.get('project') ?? []).map((value) => ({ slot: 'project', value, words: {} }) satisfies Subject),
  ];
}

const textsOf = ({ statements, questions }: Topic) => [
  ...statements.flat(),
  ...questions.map(({ text }) => text),
];

/** Whom a topic is about; nobody in particular where it is told once. */
export function subjectSlot(topic: Topic): Subject['slot'] | undefined {
  const slots = new Set(textsOf(topic).flatMap(slotsOf));
  return slots.has('name') ? 'name' : slots.has('project') ? 'project' : undefined;
}

/** What all slots of a topic stand for where it is about this subject. Two slots of one pool differ. */
export function draw(
  topic: Topic,
  subject: Subject | undefined,
  pools: ReadonlyMap<string, readonly string[]>,
): Values {
  const values: Record<string, string> = subject ? { ...subject.words, [subject.slot]: subject.value } : {};
  for (const slot of new Set(textsOf(topic).flatMap(slotsOf))) {
    if (slot in values) continue;
    const pool = slot.replace(/\d$/, '');
    const random = randomOf(`${topic.name}/${subject?.value}/${slot}`);
    const taken = Object.values(values);
    const choices = pools.get(pool)?.filter((value) => !taken.includes(value));
    const value = choices ? random.one(choices) : made[pool]?.(random);
    if (value === undefined) throw new Error(`The topic ${topic.name} has a slot without a pool: ${slot}`);
    values[slot] = value;
  }
  return values;
}

/** A text with values in its slots; people by their given name only where `short` and no other has it. */
export const fill = (text: string, values: Values) =>
  text.replace(/\{(\w+)\}/g, (_, slot: string) => values[slot] ?? '');
