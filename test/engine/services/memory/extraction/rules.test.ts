import { expect, test } from 'vitest';
import type { Message } from '../../../../../src/engine/services/memory/extraction/extractor.ts';
import { withDates } from '../../../../../src/engine/services/memory/extraction/rules/dates.ts';
import { withMetadata } from '../../../../../src/engine/services/memory/extraction/rules/metadata.ts';
import { inThirdPerson } from '../../../../../src/engine/services/memory/extraction/rules/person.ts';
import { preferencesOf } from '../../../../../src/engine/services/memory/extraction/rules/preferences.ts';
import { sentencesOf } from '../../../../../src/engine/services/memory/extraction/rules/sentences.ts';
import { statementsOf } from '../../../../../src/engine/services/memory/extraction/rules/statements.ts';
import { type Conversation, conversations, keptAside } from './rules-conversations.ts';
import { lessonOf, says } from './support.ts';

const turns = (said: readonly string[]): Message[] =>
  said.map((text) => (text.startsWith('A: ') ? says(text.slice(3), 'ASSISTANT') : says(text)));
const told = (...said: string[]) => statementsOf(lessonOf(turns(said))).map(({ text }) => text);
const preferred = (...said: string[]) => preferencesOf(lessonOf(turns(said)));

/** Which of the expected facts are in a record, and which of the records tell one. */
function measured(all: readonly Conversation[]) {
  const counts = { facts: 0, found: 0, records: 0, right: 0 };
  for (const { said, facts } of all) {
    const records = told(...said).map((text) => text.toLowerCase());
    const has = (words: string[], record: string) =>
      words.filter((word) => record.includes(word.toLowerCase()));
    counts.facts += facts.length;
    counts.found += facts.filter((fact) =>
      records.some((record) => has(fact, record).length === fact.length),
    ).length;
    counts.records += records.length;
    counts.right += records.filter((record) => facts.some((fact) => has(fact, record).length > 0)).length;
  }
  return { recall: counts.found / counts.facts, precision: counts.right / counts.records };
}

test('conversations in five languages: what is to be known is found, and little else', () => {
  const used = measured(conversations);
  expect(used.recall).toBeGreaterThan(0.96);
  expect(used.precision).toBeGreaterThan(0.96);
  const unused = measured(keptAside);
  expect(unused.recall).toBeGreaterThan(0.85);
  expect(unused.precision).toBeGreaterThan(0.85);
});

test.for<[string[], string[]]>([
  [["Hi! I'm Anna and I work at Acme."], ['The user is Anna.', 'The user works at Acme.']],
  [['I live in Bonn and work at Acme.'], ['The user lives in Bonn.', 'The user works at Acme.']],
  [['Since I am vegan, suggest a recipe.'], ['The user is vegan.']],
  [['I live in Bonn, can you recommend a doctor?'], ['The user lives in Bonn.']],
  [['I told you I live in Bonn, remember?'], ['The user lives in Bonn.']],
  [['My dog is called Rex. He is 3 years old.'], ["The user's dog is called Rex. He is 3 years old."]],
  [['My allergies:\n- peanuts\n- eggs'], ["The user's allergies: peanuts, eggs."]],
  [
    ['My boss is Maria.', 'A: Ok.', 'Correction: Martha.'],
    ["The user's boss is Maria.", "The user's boss is Martha."],
  ],
  [['My train leaves at 9:00. Sorry, it leaves at 10:15.'], ["The user's train leaves at 10:15."]],
  [
    ['A: Do you have allergies?', 'Peanuts and eggs.'],
    ['Asked “Do you have allergies?”, the user said: “Peanuts and eggs”.'],
  ],
  [['A: So you live in Rome, right?', 'Yes, exactly.'], ['The user lives in Rome.']],
  [["A: I've booked your flight for May 3."], ["The assistant has booked the user's flight for May 3."]],
  [['Merk dir bitte, dass ich am 3. Mai Geburtstag habe.'], ['Ich habe am 3. Mai Geburtstag.']],
  [['我叫李明，住在北京。你能帮我吗？'], ['我叫李明。', '我住在北京。']],
  [['私の誕生日は5月3日だと覚えておいて。'], ['私の誕生日は5月3日だ。']],
])('%j tells %j', ([said, facts]) => {
  expect(told(...said)).toEqual(facts);
});

test.for([
  'What is the capital of Peru?',
  'Write me a poem about my cat.',
  'Could you help me, please?',
  "Thanks, that's great!",
  "If I were rich, I'd buy a boat.",
  "I'm the king of France. Just kidding!",
  'Translate this:\n> I live in Rome.\n```\nconst city = "Rome";\n```',
  'Translate "I live in Rome" into German.',
  'Kannst du mir helfen?',
  'Schreib mir ein Gedicht über Berlin.',
  '¿Puedes ayudarme con mi código?',
  '请帮我写一首诗。',
  '日本で一番高い山は何ですか？',
])('%j tells nothing', (said) => {
  expect(told(said)).toEqual([]);
});

test.for<[string, string]>([
  [
    'I work at Acme and live in Rome with my wife.',
    'The user works at Acme and lives in Rome with their wife.',
  ],
  ["I'm 34 and I've never been to Oslo.", "The user is 34 and they've never been to Oslo."],
  ['My wife and I live in Rome.', 'The user and their wife live in Rome.'],
  ["I don't eat meat.", "The user doesn't eat meat."],
  ['Tomorrow I fly to Oslo.', 'Tomorrow the user flies to Oslo.'],
  ['I only use tabs.', 'The user only uses tabs.'],
  // Safer as it is: present or past, and who "we" are, are not known.
  ['I put sugar in my tea.', 'I put sugar in my tea.'],
  ['We moved when I was ten.', 'We moved when I was ten.'],
])('%j in the third person', ([said, reported]) => {
  expect(inThirdPerson(said, { speaker: 'the user', listener: 'the assistant' })).toBe(reported);
});

test('dates are told where they can only be meant', () => {
  const friday = new Date(2026, 10, 20, 12).getTime();
  const dated = (text: string, language = 'en') => withDates(text, language, friday);
  expect(dated('I fly tomorrow.')).toBe('I fly tomorrow (2026-11-21).');
  expect(dated('It is on Monday.')).toBe('It is on Monday (2026-11-23).');
  expect(dated('It is next Sunday.')).toBe('It is next Sunday (said on 2026-11-20).');
  expect(dated('I moved in two weeks ago.')).toBe('I moved in two weeks ago (2026-11-06).');
  expect(dated('It was last month.')).toBe('It was last month (2026-10).');
  expect(dated('I usually swim on Monday.')).toBe('I usually swim on Monday.');
  expect(dated('Ich ziehe morgen um.', 'de')).toBe('Ich ziehe morgen (2026-11-21) um.');
  expect(dated('Guten Morgen, ich wohne hier.', 'de')).toBe('Guten Morgen, ich wohne hier.');
  expect(dated('Viajo mañana por la mañana.', 'es')).toBe('Viajo mañana por la mañana (2026-11-21).');
  expect(dated('下周三去杭州。', 'zh')).toBe('下周三（2026-11-25）去杭州。');
  expect(dated('明日行きます。', 'ja')).toBe('明日（2026-11-21）行きます。');
});

test('sentences leave out code, quotes and lists, and do not end at abbreviations', () => {
  const texts = (text: string, language: string) => sentencesOf(text, language).map((one) => one.text);
  expect(texts('I saw Dr. Weiss. See:\n```\nx = 1;\n```\n> quoted\n# Title\nDone!', 'en')).toEqual([
    'I saw Dr. Weiss.',
    'See:',
    'Done!',
  ]);
  expect(texts('Ich komme am 3. Mai, z. B. mit dem Zug. Gut?', 'de')).toHaveLength(2);
  expect(texts('彼は「はい。行きます。」と言った。次の日。', 'ja')).toHaveLength(2);
});

test.for<[string, string, string[]]>([
  ["I'm vegetarian and I love spicy food.", 'Is vegetarian', ['diet']],
  ['I prefer window seats on long flights.', 'Prefers window seats on long flights', ['travel']],
  ['My favourite colour is green.', 'Favourite colour is green', ['style']],
  ['Please answer in German.', 'Answer in German', ['communication']],
  ["I can't stand horror movies.", "Can't stand horror movies", ['film']],
  ['Ich trinke lieber Tee als Kaffee.', 'Ich trinke lieber Tee als Kaffee', ['drink']],
  ['Responde siempre en español.', 'Responde siempre en español', ['communication']],
  ['短く答えてください。', '短く答えてください', ['communication']],
  ['From now on, use metric units.', 'From now on, use metric units', ['communication']],
  ['请用中文回答。', '请用中文回答', ['communication']],
  ['コーヒーが大好きです。', 'コーヒーが大好きです', ['drink']],
])('%j is a preference', ([said, preference, categories]) => {
  expect(preferred(said)[0]).toEqual({
    context: expect.stringContaining(said.slice(0, 5)),
    preference,
    categories,
  });
});

test.for(['I live in Rome.', 'Can you help me?', 'Write a poem about tea.', 'I want to eat pizza tonight.'])(
  '%j is no preference',
  (said) => {
    expect(preferred(said)).toEqual([]);
  },
);

test('a preference comes with the question that it answers', () => {
  expect(preferred('A: Hello. Which seat would you like?', 'I prefer the aisle.')).toEqual([
    {
      context: 'Which seat would you like? I prefer the aisle',
      preference: 'Prefers the aisle',
      categories: ['travel'],
    },
  ]);
});

test('metadata is what the text names', () => {
  const of = (definition: object) => ({
    extractionConfig: { llmExtractionConfig: { definition: 'any', ...definition } },
  });
  const schema = [
    { key: 'area', ...of({ validation: { stringValidation: { allowedValues: ['food', 'travel'] } } }) },
    {
      key: 'mood',
      ...of({ validation: { stringValidation: { allowedValues: ['food', 'travel', 'work'] } } }),
    },
    {
      key: 'latest',
      ...of({
        llmExtractionInstruction: 'LATEST_VALUE',
        validation: { stringValidation: { allowedValues: ['work', 'travel'] } },
      }),
    },
    {
      key: 'places',
      type: 'STRINGLIST' as const,
      ...of({
        validation: { stringListValidation: { allowedValues: ['Oslo', 'Rome', 'Bern'], maxItems: 2 } },
      }),
    },
    { key: 'budget', type: 'NUMBER' as const, ...of({}) },
    { key: 'stars', type: 'NUMBER' as const, ...of({ validation: { numberValidation: { maxValue: 5 } } }) },
    { key: 'anything', ...of({}) },
    {
      key: 'tenant',
      extractionType: 'STRICTLY_CONSISTENT' as const,
      ...of({ validation: { stringValidation: { allowedValues: ['work'] } } }),
    },
  ];
  const text = 'For work travel to Rome, Oslo and Bern my budget is 1,200 euros, with 7 stars.';
  expect(withMetadata({ text }, schema).metadata).toEqual({
    area: { stringValue: 'travel' },
    latest: { stringValue: 'travel' },
    places: { stringListValue: ['Rome', 'Oslo'] },
    budget: { numberValue: 1200 },
  });
  expect(withMetadata({ text: 'Nothing.' }, schema)).toEqual({ text: 'Nothing.' });
});
