import type { Section } from '../../harness/bench.ts';
import { answer, answerTable } from '../answers.ts';
import { keep } from '../corpora.ts';
import { openRecords } from '../long-term.ts';
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
    const records = openRecords(bench, 'chinese', embedder);
    const tells = keep(
      records,
      facts.map(({ id, text }) => ({ text, tells: [id] })),
    );
    const isKnown = embedder.knows('zh') !== false;
    const reliance = isKnown ? 'meaning' : 'words';
    const answers = await answer(records, tells, questions, { embedder, reliance });
    return {
      rows: [],
      tables: [answerTable('Chinese', answers, 'held-out'), answerTable('Chinese', answers, 'tuning')],
      notes: [
        `${questions.length} questions about ${facts.length} facts, by the vectors of ${embedder.name}${isKnown ? '.' : ', which knows no Chinese: words count, and meaning decides between equals only.'}`,
      ],
    };
  },
};
