/** A sentence of a message, without what is quoted in it or only listed. */
export interface Sentence {
  text: string;
  /** Whether it ends as a question does. */
  asks: boolean;
  /** Whether it stood in a list that nothing leads in. */
  listed: boolean;
}

/** Ends of segments that are no ends of sentences. */
const abbreviation =
  /(?:(?<![\p{L}\p{N}])(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|No|Nr|Tel|approx|ca|inkl|bzw|Sra?|Dra?|Ud|Uds|\p{L}|e\.g|i\.e|z\.\s?B|d\.\s?h|u\.\s?a|p\.\s?ej|a\.m|p\.m))\.\s*$/u;
const germanOrdinal = /(?<!\p{L})\d{1,2}\.\s*$/u;
const month = /^(?:Jan|Feb|M[äa]r|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[kc]t|Nov|De[zc])/u;

const fence = /```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)/g;
const listItem = /^\s*(?:[-*+•·]|\d{1,2}[.)]|[a-z]\))\s+/u;
const MAX_LISTED = 300;
/** What is longer is no sentence of a person, and would hold the rules up: its beginning stands for it. */
const MAX_CHARACTERS = 800;

/** @returns the sentences of a message, in their order, of its prose alone. */
export function sentencesOf(text: string, language: string): Sentence[] {
  return blocksOf(text.replace(/[^\S\n]+/g, ' ')).flatMap((block) =>
    segments(block.text, language)
      .map((segment) => segment.slice(0, MAX_CHARACTERS).trim())
      .filter((segment) => segment !== '' && !quoted(segment) && !looksLikeCode(segment))
      .map((segment) => ({
        text: segment,
        asks: /[?？][\s\p{P}\p{S}]*$/u.test(segment),
        listed: block.listed,
      })),
  );
}

interface Block {
  text: string;
  listed: boolean;
}

/** Paragraphs and list items; a list goes with the line that leads it in. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let leadIn: Block | undefined;
  for (const line of text.replace(fence, '\n').split(/\r?\n/)) {
    const bare = line.trim();
    if (/^(?:>|\||#{1,6}\s)/.test(bare) || looksLikeCode(bare)) {
      leadIn = undefined;
    } else if (listItem.test(line)) {
      const item = bare.replace(listItem, '').replace(/[.;,]$/, '');
      if (leadIn && leadIn.text.length + item.length < MAX_LISTED) {
        leadIn.text += `${/[:：]$/.test(leadIn.text) ? '' : ','} ${item}`;
      } else if (!leadIn) {
        blocks.push({ text: item, listed: true });
      }
    } else if (bare !== '') {
      const block = { text: bare, listed: false };
      blocks.push(block);
      leadIn = /[:：]$/.test(bare) ? block : undefined;
    }
  }
  return blocks;
}

function segments(text: string, language: string): string[] {
  const found: string[] = [];
  for (const { segment } of segmenterOf(language).segment(text)) {
    const before = found.at(-1);
    if (before !== undefined && before.length < MAX_CHARACTERS && goesOn(before, segment)) {
      found[found.length - 1] = before + segment;
    } else {
      found.push(segment);
    }
  }
  return found;
}

function goesOn(before: string, segment: string): boolean {
  return (
    abbreviation.test(before) ||
    (germanOrdinal.test(before) && month.test(segment)) ||
    /^[」』”’）)]/u.test(segment) ||
    (/[」』]$/u.test(before) && /^(?:と|って)/u.test(segment)) ||
    count(before, /[「『“]/gu) > count(before, /[」』”]/gu)
  );
}

const count = (text: string, form: RegExp) => text.match(form)?.length ?? 0;

/** Whether it is nothing but somebody's words. */
function quoted(sentence: string): boolean {
  return /^(?:"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|「[^」]*」|『[^』]*』)[\s\p{P}]*$/u.test(sentence);
}

function looksLikeCode(line: string): boolean {
  const marks = count(line, /[{}<>;=()[\]|\\_$`~^]/g);
  return (
    /^(?:at \S+[.(]|\$ |>>> |import \S|from \S+ import|const |let \w+ =|var |def \w+\(|function \w*\(|class \w+[:{(]|return |SELECT |#include|<\/?\w+|https?:\/\/\S+$|Traceback )/.test(
      line,
    ) ||
    (line.length > 8 && marks / line.length > 0.12)
  );
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(language: string): Intl.Segmenter {
  const known = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: 'sentence' });
  segmenters.set(language, known);
  return known;
}
