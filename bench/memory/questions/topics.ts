import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const kinds = [
  'paraphrase',
  'keyword',
  'temporal',
  'preference',
  'entity',
  'typo',
  'inflection',
  'negation',
  'compositional',
] as const;
export type Kind = (typeof kinds)[number];

/** The first or the second thing that is told of a topic, as `lived in ...` and `moved to ...`. */
export type Part = 0 | 1;

/** Something that can be told of many people or projects, and asked for. */
export interface Topic {
  name: string;
  /** For each part, the ways to say it. */
  statements: string[][];
  questions: { kind: Kind; part: Part; text: string }[];
}

const lines = (language: string, file: string) =>
  readFileSync(join(import.meta.dirname, language, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '));

/**
 * A file of topics. `[pet]` begins a topic; `= ...` is a way to tell its first part, `== ...` one to tell its second part;
 * `? kind: ...` asks for the first part, `?? kind: ...` for the second one. `{city}` stands for one of the pool `city`,
 * `{city2}` for another one.
 * @throws Error for a line that is none of these.
 */
export function readTopics(language: string, file: string): Topic[] {
  const topics: Topic[] = [];
  for (const line of lines(language, file)) {
    const [, name, sign = '', kind, text = ''] =
      /^(?:\[(.+)\]|(==?|\?\??) (?:(?<=\? )(\w+): )?(.+))$/u.exec(line) ?? [];
    const topic = topics.at(-1);
    const part = (sign.length - 1) as Part;
    if (name) topics.push({ name, statements: [], questions: [] });
    else if (topic && sign.startsWith('='))
      topic.statements[part] = [...(topic.statements[part] ?? []), text];
    else if (topic && kinds.includes(kind as Kind)) topic.questions.push({ kind: kind as Kind, part, text });
    else throw new Error(`${language}/${file} has a line that says nothing: ${line}`);
  }
  return topics;
}

/** Sentences by what they are for: `[answer]`, then `= ...` for each. */
export function readSentences(language: string, file: string): Map<string, string[]> {
  return new Map(readTopics(language, file).map(({ name, statements }) => [name, statements[0] ?? []]));
}

/** What slots can stand for, by their names: `city: Porto | Riga`. */
export function readPools(language: string): Map<string, string[]> {
  return new Map(
    lines(language, 'pools.txt').map((line) => {
      const [name = '', values = ''] = line.split(': ');
      return [name, values.split(' | ')];
    }),
  );
}

/** The slots of a text, without repetition. */
export const slotsOf = (text: string) => [
  ...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, slot = '']) => slot)),
];
