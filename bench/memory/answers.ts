import type { Bench } from '../harness/bench.ts';
import type { Row, Table } from '../harness/report.ts';
import type { Tells } from './corpora.ts';
import { type Asked, complete, Finder, type LongTerm, type Ranking, rankings } from './long-term.ts';
import { DEPTH, type Measures, measure } from './measures.ts';
import type { Question } from './questions/question-set.ts';
import { kinds } from './questions/topics.ts';
import type { RememberingEmbedder } from './vectors.ts';

/** Where the first right record of each question was, by each ranking. */
export type Answers = ReadonlyMap<Question, Readonly<Record<Ranking, number | undefined>>>;

const KIND_SLACK = 0.02;

/** What is asked, and of whom. */
export interface Exam {
  tells: Tells;
  questions: readonly Question[];
  embedder: RememberingEmbedder;
  reliance?: Asked['reliance'];
}

/** Asks every question in every way. */
export async function answer(
  bench: Bench,
  longTerm: LongTerm,
  { tells, questions, embedder, reliance = 'meaning' }: Exam,
): Promise<Answers> {
  await complete(longTerm.records);
  const finder = new Finder(bench, longTerm);
  const vectors = await embedder.embed(questions.map(({ text }) => text));
  const answers = new Map<Question, Record<Ranking, number | undefined>>();
  for (const [index, question] of questions.entries()) {
    const asked = { text: question.text, vector: vectors[index] as Float32Array, reliance };
    const places = rankings.map(async (ranking) => {
      const ids = await finder.find(ranking, asked, DEPTH);
      const place = ids.findIndex((id) => tells.get(id)?.some((fact) => question.gold.includes(fact)));
      return [ranking, place < 0 ? undefined : place + 1];
    });
    answers.set(question, Object.fromEntries(await Promise.all(places)));
  }
  return answers;
}

function measures(answers: Answers, ranking: Ranking, chosen: (question: Question) => boolean): Measures {
  const places = [...answers].filter(([question]) => chosen(question)).map(([, found]) => found[ranking]);
  return measure(places);
}

const digits = (value: number) => value.toFixed(3);

/** Of one half of the questions, each kind by each ranking. */
export function answerTable(what: string, answers: Answers, half: Question['half']): Table {
  const row = (name: string, chosen: (question: Question) => boolean) => {
    const all = rankings.map((ranking) =>
      measures(answers, ranking, (question) => question.half === half && chosen(question)),
    );
    return [
      name,
      String(all[0]?.questions),
      ...all.flatMap(({ r1, r5, mrr }) => [digits(r1), digits(r5), digits(mrr)]),
    ];
  };
  const asked = new Set([...answers.keys()].map(({ kind }) => kind));
  return {
    head: [`${what}, ${half}`, 'Questions', ...rankings.flatMap((name) => [`${name}: R@1`, 'R@5', 'MRR'])],
    rows: [
      row('all', () => true),
      ...kinds
        .filter((kind) => asked.has(kind))
        .map((kind) => row(kind, (question) => question.kind === kind)),
    ],
  };
}

/** The goals: better than both single rankings, and no kind of question much worse than by the better of them. */
export function goalRows(what: string, answers: Answers): Row[] {
  const held = (ranking: Ranking, kind?: string) =>
    measures(
      answers,
      ranking,
      (question) => question.half === 'held-out' && (!kind || question.kind === kind),
    ).mrr;
  const ratio = (other: Ranking): Row => ({
    what: `${what}: MRR of this ranking / ${other}`,
    values: held('this ranking') / held(other),
    unit: '×',
    goal: { least: 1 },
  });
  const asked = new Set([...answers.keys()].map(({ kind }) => kind));
  const behind = [...asked].map((kind) => ({
    kind,
    by: Math.max(held('BM25 alone', kind), held('cosine alone', kind)) - held('this ranking', kind),
  }));
  const worst = behind.toSorted((a, b) => b.by - a.by)[0];
  return [
    ratio('BM25 alone'),
    ratio('cosine alone'),
    {
      what: `${what}: by how much the worst kind, ${worst?.kind}, is behind the better of both (MRR)`,
      values: worst?.by ?? 0,
      unit: '',
      goal: { most: KIND_SLACK },
    },
  ];
}
