/** Who is meant by "I" and by "you". */
export interface Voices {
  speaker: string;
  listener: string;
}

const modal =
  /^(?:can|could|will|would|shall|should|must|might|may|ought|won't|can't|cannot|couldn't|wouldn't|shouldn't|mustn't|had|did|didn't|hadn't|was|wasn't)$/i;
const adverb =
  /^(?!(?:apply|reply|rely|supply|comply|multiply|imply)$)(?:\p{L}{3,}ly|no|longer|only|also|just|always|never|still|often|sometimes|already|usually|now|currently|then|even|ever|soon|rather|quite|both|mostly|kind|sort|of)$/iu;
/** Present and past are spelled alike: the time meant is not known. */
const timeless = /^(?:put|set|cut|read|hit|let|cost|hurt|shut|split|spread|bet|cast|beat)$/i;
const past = new RegExp(
  `^(?:${'went came saw got took made bought brought thought taught caught sought fought found had held heard kept knew led left lent lost meant met paid rode ran said sold sent shot sat slept spoke spent stood swam told wrote won wore woke drove drank ate began became broke built chose did drew fell felt flew forgot forgave froze gave grew hid hung laid lay learnt dreamt rang rose sang sank shook stole stuck struck swore threw understood was were withdrew'.replaceAll(
    ' ',
    '|',
  )})$`,
  'i',
);
const baseInEd = /^(?:need|feed|breed|speed|bleed|exceed|proceed|succeed|embed|heed|seed|weed|shed|wed)$/i;
const auxiliary: Record<string, string> = {
  am: 'is',
  "'m": 'is',
  are: 'is',
  "'re": 'is',
  have: 'has',
  "'ve": 'has',
  haven: 'hasn',
  do: 'does',
  "don't": "doesn't",
  "haven't": "hasn't",
  "aren't": "isn't",
  were: 'was',
  "weren't": "wasn't",
  "'ll": 'will',
  "'d": 'would',
};

/**
 * Tells an English sentence of the first person in the third. Once somebody is named, they are "they" after that,
 * so that the verbs behind need no change, as long as nobody else could be meant.
 * @returns the sentence itself where it cannot be told so safely.
 */
export function inThirdPerson(sentence: string, { speaker, listener }: Voices): string {
  const plain = sentence
    .replaceAll('’', "'")
    .replace(/\b(?:im|Im)\b/g, "I'm")
    .replace(/\b(?:ive|Ive)\b/g, "I've");
  const text = plain.replace(/\bmy ((?:\p{L}+ ){0,2}\p{L}+) and I\b/iu, 'I and my $1');
  const aboutSpeaker = /\b(?:i|my|me|mine|myself)\b/i.test(text);
  const aboutListener = /\b(?:you|your|yours|yourself)\b/i.test(text);
  if ((!aboutSpeaker && !aboutListener) || /\b(?:we|we're|us|our|ours)\b|["“]/i.test(text)) {
    return sentence;
  }
  const others =
    /\b(?:they|them|their|parents|friends|colleagues|kids|children|sons|daughters|people)\b/i.test(text);
  const again = (aboutSpeaker && aboutListener) || others ? undefined : 'they';
  const told = tell(text, { speaker, listener }, again);
  return told === undefined ? sentence : upperFirst(told);
}

function tell(text: string, voices: Voices, again: string | undefined): string | undefined {
  const words = text.split(/(\s+)/);
  const named = new Set<string>();
  const out: string[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const [, open = '', word = '', close = ''] =
      /^([("]*)(.*?)([.,;:!?)"…]*)$/.exec(words[index] ?? '') ?? [];
    const space = words[index + 1] ?? '';
    const [, pronoun = '', tail = ''] = /^(i|you)('m|'re|'ve|'ll|'d)?$/i.exec(word) ?? [];
    if (pronoun === '') {
      out.push(open, possessive(word, voices, named, again), close, space);
      continue;
    }
    const who = /^i$/i.test(pronoun) ? voices.speaker : voices.listener;
    const object = tail === '' && !/^i$/i.test(pronoun) && isObject(words, index, close);
    const plural = named.has(who) && again !== undefined;
    named.add(who);
    if (object) {
      out.push(open, plural ? 'them' : who, close, space);
      continue;
    }
    if (plural) {
      out.push(open, again, tail === '' ? '' : tail.replace("'m", "'re"), close, space);
      if (/^(?:am|was)$/i.test(words[index + 2] ?? '')) {
        words[index + 2] = /^am$/i.test(words[index + 2] ?? '') ? 'are' : 'were';
      }
      continue;
    }
    if (tail !== '') {
      const full = tail === "'d" && hadBefore(words, index) ? 'had' : (auxiliary[tail.toLowerCase()] ?? '');
      out.push(open, who, ' ', full, close, space);
      if (/^'(?:m|ve|re)$/i.test(tail)) {
        conjugateJoined(words, index + 2);
      }
      continue;
    }
    if (close !== '') {
      return undefined;
    }
    if (/^and$/i.test(words[index + 2] ?? '')) {
      out.push(open, who, close, space);
      continue;
    }
    if (!conjugateNext(words, index + 2)) {
      return undefined;
    }
    out.push(open, who, close, space);
  }
  return out.join('');
}

/** "I'd been", "I'd better": had, not would. */
function hadBefore(words: string[], index: number): boolean {
  return /^(?:been|better|already|never|\p{L}+ed)$/u.test(words[index + 2] ?? '');
}

function isObject(words: string[], index: number, close: string): boolean {
  const before = words[index - 2] ?? '';
  return (
    close !== '' ||
    index + 2 >= words.length ||
    /^(?:to|for|with|from|about|of|at|by|on|tell|told|give|gave|ask|asked|thank|want|wanted|need|help|show|let)$/i.test(
      before,
    )
  );
}

/** Puts the verb at or soon after `from` into the third person. @returns whether it is known how. */
function conjugateNext(words: string[], from: number): boolean {
  for (let index = from; index < words.length && index <= from + 6; index += 2) {
    const [, verb = '', close = ''] = /^([\p{L}']+)([.,;:!?]*)$/u.exec(words[index] ?? '') ?? [];
    if (verb === '') {
      return false;
    }
    if (adverb.test(verb) && close === '') {
      continue;
    }
    const third = thirdPersonOf(verb);
    if (third === undefined) {
      return false;
    }
    words[index] = third + close;
    if (third !== verb && !/^(?:do|don't|were|weren't)$/i.test(verb)) {
      conjugateJoined(words, index + 2);
    }
    return true;
  }
  return false;
}

/** "I live in Rome and work at Acme": the second verb, where it can be nothing else. */
function conjugateJoined(words: string[], from: number): void {
  for (let index = from; index + 4 < words.length; index += 2) {
    const next = words[index + 2] ?? '';
    if (
      /^(?:and|but|or)$/i.test(words[index] ?? '') &&
      joinable.test(next) &&
      afterVerb.test(words[index + 4] ?? '')
    ) {
      words[index + 2] = thirdPersonOf(next) ?? next;
      return;
    }
  }
}

const joinable =
  /^(?:work|live|have|love|like|hate|prefer|enjoy|speak|study|teach|play|drive|eat|drink|use|write|own|am|want|need|go|do|don't|take|make|plan|collect|ride)$/i;
const afterVerb = /^(?:at|in|for|as|with|on|a|an|the|to|my|two|three|\d+|from|not|\p{Lu}\p{L}+|\p{L}+ing)$/u;

function thirdPersonOf(verb: string): string | undefined {
  const known = auxiliary[verb.toLowerCase()];
  if (known !== undefined) {
    return known;
  }
  if (modal.test(verb) || past.test(verb) || (/ed$/i.test(verb) && !baseInEd.test(verb))) {
    return verb;
  }
  if (timeless.test(verb) || !/^[a-z]+$/.test(verb)) {
    return undefined;
  }
  if (/(?:s|x|z|ch|sh|o)$/.test(verb)) {
    return `${verb}es`;
  }
  return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ies` : `${verb}s`;
}

const possessives: Record<string, [who: 'speaker' | 'listener', first: string, again: string]> = {
  my: ['speaker', "'s", 'their'],
  mine: ['speaker', "'s", 'theirs'],
  me: ['speaker', '', 'them'],
  myself: ['speaker', '', 'themselves'],
  your: ['listener', "'s", 'their'],
  yours: ['listener', "'s", 'theirs'],
  yourself: ['listener', '', 'themselves'],
};

function possessive(word: string, voices: Voices, named: Set<string>, again: string | undefined): string {
  const [who, ending, later] = possessives[word.toLowerCase()] ?? [];
  if (who === undefined || ending === undefined || later === undefined) {
    return word;
  }
  if (named.has(voices[who]) && (again !== undefined || word.toLowerCase() === 'myself')) {
    return later;
  }
  named.add(voices[who]);
  return voices[who] + ending;
}

export const upperFirst = (text: string) => text.replace(/^\p{Ll}/u, (first) => first.toUpperCase());
