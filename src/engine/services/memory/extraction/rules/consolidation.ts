import type { Near } from '../../records/records.ts';
import type { Candidate, Decision, Lesson } from '../extractor.ts';
import { preferenceForm } from '../forms.ts';
import { languageIn } from './language.ts';
import { asSentence, type Preference, preferenceIn } from './preferences.ts';
import { MAX_CHARACTERS, type Relation, relationOf } from './relation.ts';
import { sentencesOf } from './sentences.ts';
import { statementsOf } from './statements.ts';

/** A record that a candidate has to do with: how, and the record's text if the candidate comes into it. */
interface Related {
  near: Near;
  relation: Relation;
  text: string;
}

/** What becomes of a fact beside the records nearest to it. */
export function consolidateFact(lesson: Lesson, candidate: Candidate, near: readonly Near[]): Decision {
  const corrects = statementsOf(lesson).some(({ text, corrects }) => corrects && text === candidate.text);
  return decide(
    candidate,
    near.map((one) => ({
      near: one,
      ...relationToRecord(one.record.text, candidate.text, one.similarity, corrects),
    })),
  );
}

/** What becomes of a preference; `similarities` are those of what is preferred, without the JSON around it. */
export function consolidatePreference(
  candidate: Candidate,
  near: readonly Near[],
  similarities: readonly number[],
): Decision {
  const told = preferenceIn(candidate.text);
  return decide(
    candidate,
    near.map((one, index) => {
      const known = preferenceIn(one.record.text);
      const relation = relationOf(asSentence(known.preference), asSentence(told.preference), {
        similarity: similarities[index] ?? 0,
      });
      return {
        near: one,
        relation,
        text: preferenceForm.text(relation === 'more' ? joined(known, told) : told),
      };
    }),
  );
}

function joined(known: Preference, told: Preference): Preference {
  return { ...told, categories: [...new Set([...told.categories, ...known.categories])] };
}

function decide(candidate: Candidate, all: readonly Related[]): Decision {
  const of = (...relations: Relation[]) => all.filter(({ relation }) => relations.includes(relation));
  const outdated = of('instead');
  if (outdated.length === 0 && of('same', 'less').length > 0) return { kind: 'skip' };
  const [updated, ...others] = [
    ...outdated,
    ...of('more', ...(outdated.length ? (['same', 'less'] as const) : [])),
  ];
  if (!updated) return { kind: 'add', ...candidate };
  const superseded = others.map(({ near }) => near.record.id);
  return {
    kind: 'update',
    recordId: updated.near.record.id,
    text: updated.text,
    ...(candidate.metadata && { metadata: { ...updated.near.record.metadata, ...candidate.metadata } }),
    ...(superseded.length > 0 && { supersedes: superseded }),
  };
}

/** A record may say several things, of which a candidate concerns one: the others stay. */
function relationToRecord(
  record: string,
  told: string,
  similarity: number,
  corrects: boolean,
): Omit<Related, 'near'> {
  const language = languageIn(`${record} ${told}`);
  const whole = relationOf(record, told, { similarity, corrects });
  if (whole === 'same' || record.length > MAX_CHARACTERS) return { relation: whole, text: told };
  const known = sentencesOf(record, language).map(({ text }) => text);
  const [first = told, ...rest] = sentencesOf(told, language).map(({ text }) => text);
  if (known.length < 2 && rest.length === 0) return { relation: whole, text: told };
  const relations = known.map((sentence) => relationOf(sentence, first, { corrects }));
  const place = (...wanted: Relation[]) => relations.findIndex((relation) => wanted.includes(relation));
  const at = place('instead', 'more');
  if (at >= 0) {
    // What stood behind a sentence that another took the place of may have been about the old one.
    const kept = rest.length > 0 ? known.filter((sentence) => !rest.includes(sentence)) : known;
    const text = [...kept.slice(0, at), told, ...kept.slice(at + 1)].join(
      language === 'zh' || language === 'ja' ? '' : ' ',
    );
    return { relation: relations[at] ?? 'other', text };
  }
  if (place('same', 'less') < 0) return { relation: 'other', text: told };
  const isNews = rest.some(
    (sentence) => !known.some((old) => ['same', 'less'].includes(relationOf(old, sentence))),
  );
  return { relation: isNews ? 'more' : 'less', text: isNews ? [record, ...rest].join(' ') : told };
}
