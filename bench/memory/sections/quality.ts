import { englishModel } from '../../../src/engine/models/embeddings/local/local-model.ts';
import { type Bench, type Section, say } from '../../harness/bench.ts';
import { type Answers, answer, answerTable, goalRows } from '../answers.ts';
import { candidates, keep, learn } from '../corpora.ts';
import { openLongTerm } from '../long-term.ts';
import { conversations, type Turn } from '../questions/conversations.ts';
import { english, type QuestionSet } from '../questions/question-set.ts';
import { RememberingEmbedder } from '../vectors.ts';

const textsOf = (told: readonly { text: string }[]) => told.map(({ text }) => text);

/** In a hurry: what is told once, and nothing that stands in the way. */
function questionSet(bench: Bench): QuestionSet {
  const { facts, questions } = english();
  if (!bench.quick) return { facts, questions };
  const few = facts.filter(({ subject }) => subject === undefined);
  const ids = new Set(few.map(({ id }) => id));
  return { facts: few, questions: questions.filter(({ gold }) => gold.every((id) => ids.has(id))) };
}

async function withoutConversations(
  bench: Bench,
  embedder: RememberingEmbedder,
  { facts, questions }: QuestionSet,
): Promise<Answers> {
  await embedder.prepare('sentences', textsOf(facts));
  const longTerm = openLongTerm(bench, `sentences-${embedder.id}`, embedder);
  const tells = keep(
    longTerm.records,
    facts.map(({ id, text }) => ({ text, tells: [id] })),
  );
  return answer(bench, longTerm, { tells, questions, embedder });
}

async function withoutExtraction(
  bench: Bench,
  embedder: RememberingEmbedder,
  { turns, questions }: { turns: Turn[]; questions: QuestionSet['questions'] },
): Promise<Answers> {
  await embedder.prepare('messages', textsOf(turns));
  const longTerm = openLongTerm(bench, 'messages', embedder);
  return answer(bench, longTerm, { tells: keep(longTerm.records, turns), questions, embedder });
}

async function withExtraction(
  bench: Bench,
  embedder: RememberingEmbedder,
  { turns, facts, questions }: QuestionSet & { turns: Turn[] },
): Promise<{ answers: Answers; count: number }> {
  await embedder.prepare('extraction', await candidates(turns, embedder));
  const longTerm = openLongTerm(bench, 'extracted', embedder);
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  const tells = await learn(longTerm.records, turns, byId, embedder);
  const answers = await answer(bench, longTerm, { tells, questions, embedder });
  return { answers, count: tells.size };
}

/** The model of those who have fetched no other; undefined where that is the one in use. */
async function byEnglishModel(
  bench: Bench,
  inUse: RememberingEmbedder,
  set: QuestionSet,
): Promise<Answers | undefined> {
  if (inUse.id === englishModel.id) return undefined;
  const embedder = new RememberingEmbedder(bench, englishModel);
  await embedder.prepare('questions', textsOf(set.questions));
  return withoutConversations(bench, embedder, set);
}

export const quality: Section = {
  title: 'Is what answers a question found?',

  async run(bench) {
    const set = questionSet(bench);
    const { facts, questions } = set;
    const turns = conversations('english', facts);
    const heldOut = { turns, facts, questions: questions.filter(({ half }) => half === 'held-out') };
    const embedder = new RememberingEmbedder(bench);
    await embedder.prepare('questions', textsOf(questions));
    say('sentences ...');
    const sentences = await withoutConversations(bench, embedder, set);
    say('sentences, by the English model ...');
    const englishOnly = await byEnglishModel(bench, embedder, set);
    say('messages ...');
    const messages = await withoutExtraction(bench, embedder, heldOut);
    say('extraction ...');
    const { answers: extracted, count } = await withExtraction(bench, embedder, heldOut);
    const told = {
      Sentences: sentences,
      ...(englishOnly && { 'Sentences, English model': englishOnly }),
      'Messages without extraction': messages,
      'With extraction': extracted,
    };
    return {
      rows: Object.entries(told).flatMap(([what, answers]) => goalRows(what, answers)),
      tables: [
        ...Object.entries(told).map(([what, answers]) => answerTable(what, answers, 'held-out')),
        answerTable('Sentences', sentences, 'tuning'),
      ],
      notes: [
        `${questions.length.toLocaleString('en')} questions about ${facts.length.toLocaleString('en')} facts, of nine kinds. The weights of the ranking were chosen by the tuning questions; the held-out ones are about other topics and were written by others, who did not know the ranking; their figures were seen twice before the last choice of weights. Goals are those of the latter.`,
        'R@1 and R@5: the share of questions with a right record in the first place, or among the first five. MRR: the mean of one divided by the place of the first right record.',
        'Sentences: each fact is a record. Messages without extraction: the facts are told in conversations, among what else is said, up to three in a message, and each message is a record.',
        `With extraction: the records are what the engine learns from these conversations by rules, without a language model; ${count.toLocaleString('en')} records. A fact that it did not keep cannot be found.`,
        `All by the same search in the engine's own code, over vectors of ${embedder.name}, or of ${englishModel.name} where the English model is named; cosine alone is that search without words, BM25 alone is that of SQLite FTS5 for any of the question's words.`,
      ],
    };
  },
};
