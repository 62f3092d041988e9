import type { Section } from '../../harness/bench.ts';
import { answer, answerTable } from '../answers.ts';
import { keep } from '../corpora.ts';
import { openLongTerm } from '../long-term.ts';
import { chinese as chineseSet } from '../questions/question-set.ts';
import { RememberingEmbedder } from '../vectors.ts';

export const chinese: Section = {
  title: 'Is it found in Chinese?',

  async run(bench) {
    const { facts, questions } = chineseSet();
    const embedder = new RememberingEmbedder(bench);
    await embedder.prepare(
      'Chinese',
      [...facts, ...questions].map(({ text }) => text),
    );
    const longTerm = openLongTerm(bench, 'chinese', embedder);
    const tells = keep(
      longTerm.records,
      facts.map(({ id, text }) => ({ text, tells: [id] })),
    );
    const isKnown = embedder.knows('zh') !== false;
    const reliance = isKnown ? 'meaning' : 'words';
    const answers = await answer(bench, longTerm, { tells, questions, embedder, reliance });
    return {
      rows: [],
      tables: [answerTable('Chinese', answers, 'held-out')],
      notes: [
        `${questions.length} questions about ${facts.length} facts; no weight was tuned on them, though they showed a fault in how words are found. By the vectors of ${embedder.name}${isKnown ? '.' : ', which knows no Chinese: words count, and meaning decides between equals only.'}`,
      ],
    };
  },
};
