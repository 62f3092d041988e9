import { randomOf } from './random.ts';
import { type Kind, type Part, readPools, readTopics, slotsOf, type Topic } from './topics.ts';
import { withTypos } from './typos.ts';
import { draw, fill, type Subject, subjectSlot, subjects, type Values } from './values.ts';

/** Something that is told once. */
export interface Fact {
  id: string;
  text: string;
  /** Whom or what it is about; undefined where it is about the user or the house. */
  subject: string | undefined;
}

export interface Question {
  id: string;
  kind: Kind;
  text: string;
  /** The facts that answer it. */
  gold: readonly string[];
  /** What was tuned on the questions about some topics is tried on those about others. */
  half: 'tuning' | 'held-out';
}

export interface QuestionSet {
  facts: Fact[];
  questions: Question[];
}

/** For how many subjects a question is asked. */
const ASKED = 4;
/** A question that more facts answer is no question for one of them. */
const MOST_GOLD = 3;

/** A fact with what it was made from. */
interface Told extends Fact {
  topic: Topic;
  part: Part;
  values: Values;
}

/** A person is called by the given name alone, half the time, where nobody else has that name. */
function called(values: Values, everybody: readonly Subject[], key: string): Values {
  const { name } = values;
  const given = name?.split(' ')[0] ?? '';
  const namesakes = everybody.filter(({ value }) => value.split(' ')[0] === given);
  return namesakes.length === 1 && randomOf(`called/${key}`).below(2) === 0
    ? { ...values, name: given }
    : values;
}

function tell(topics: readonly Topic[], everybody: readonly Subject[], pools: Map<string, string[]>): Told[] {
  return topics.flatMap((topic) => {
    const slot = subjectSlot(topic);
    const about = slot ? everybody.filter((subject) => subject.slot === slot) : [undefined];
    return about.flatMap((subject) => {
      const values = draw(topic, subject, pools);
      return topic.statements.map((ways, index) => {
        const part = index as Part;
        const id = [topic.name, subject?.value, ...(topic.statements.length > 1 ? [part + 1] : [])]
          .filter(Boolean)
          .join('/');
        const text = fill(randomOf(`way/${id}`).one(ways), called(values, everybody, id));
        return { id, text, subject: subject?.value, topic, part, values };
      });
    });
  });
}

/** Every fact of the topic that fits what the question says of it. */
function goldOf({ text, part }: Topic['questions'][number], one: Told, told: readonly Told[]): string[] {
  const said = slotsOf(text);
  return told
    .filter((fact) => fact.part === part && said.every((slot) => fact.values[slot] === one.values[slot]))
    .map(({ id }) => id);
}

function ask(
  topic: Topic,
  told: readonly Told[],
  everybody: readonly Subject[],
  half: Question['half'],
): Question[] {
  return topic.questions.flatMap((asked, index) => {
    const key = `${topic.name}/${index + 1}`;
    const random = randomOf(`asked/${key}`);
    const candidates = told
      .filter(({ part }) => part === asked.part)
      .map((fact) => ({ fact, gold: goldOf(asked, fact, told) }))
      .filter(({ gold }) => gold.length <= MOST_GOLD);
    const seen = new Set<string>();
    const chosen = random
      .shuffled(candidates)
      .filter(({ gold }) => !seen.has(gold[0] ?? '') && seen.add(gold[0] ?? ''));
    return chosen.slice(0, ASKED).map(({ fact, gold }) => {
      const id = `${key}/${fact.id}`;
      const text = fill(asked.text, called(fact.values, everybody, id));
      return {
        id,
        kind: asked.kind,
        text: asked.kind === 'typo' ? withTypos(text, random) : text,
        gold,
        half,
      };
    });
  });
}

/** The facts and the questions of a language, the same in every run. */
function generate(
  language: string,
  files: Readonly<Partial<Record<Question['half'], string[]>>>,
): QuestionSet {
  const halves = Object.entries(files).flatMap(([half, names]) =>
    names.flatMap((file) =>
      readTopics(language, file).map((topic) => ({ topic, half: half as Question['half'] })),
    ),
  );
  const topics = halves.map(({ topic }) => topic);
  const pools = readPools(language);
  const everybody = subjects(pools);
  const told = tell(topics, everybody, pools);
  const questions = halves.flatMap(({ topic, half }) =>
    ask(
      topic,
      told.filter((fact) => fact.topic === topic),
      everybody,
      half,
    ),
  );
  return { facts: told.map(({ id, text, subject }) => ({ id, text, subject })), questions };
}

export const english = () =>
  generate('english', {
    tuning: ['life.txt', 'tastes.txt', 'work.txt', 'notes.txt', 'chatter.txt'],
    'held-out': ['held-out/people.txt', 'held-out/notes.txt'],
  });

export const chinese = () => generate('chinese', { 'held-out': ['topics.txt'] });
