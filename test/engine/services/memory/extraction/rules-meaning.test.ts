import { afterAll, expect, test } from 'vitest';
import { silentLog } from '../../../../../src/engine/log.ts';
import { createEmbedder } from '../../../../../src/engine/models/embeddings/index.ts';
import { createRulesExtractor } from '../../../../../src/engine/services/memory/extraction/rules/index.ts';
import { languageIn } from '../../../../../src/engine/services/memory/extraction/rules/language.ts';
import { keptAside, type Pair, tuned } from './rules-pairs.ts';
import { lessonOf, nearOf, never, says } from './support.ts';

const embedder = createEmbedder({ provider: 'local' }, { log: silentLog });
const extractor = createRulesExtractor({ embedder });
afterAll(() => embedder.close());

const dot = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

const vectors = new Map<string, Float32Array>();

/** Vectors for many texts are faster at once; a language that the embedder does not know needs none. */
async function prepare(texts: string[]): Promise<void> {
  const missing = [...new Set(texts)].filter(
    (text) => !vectors.has(text) && embedder.knows(languageIn(text)),
  );
  for (const [index, vector] of (await embedder.embed(missing)).entries())
    vectors.set(missing[index] ?? '', vector);
}

/** What becomes of a text beside known ones, as near as the embedder finds them. */
async function decide(known: string[], told: string, { strategy = {}, said = [] as string[] } = {}) {
  await prepare([told, ...known]);
  const vectorOf = (text: string) => vectors.get(text) ?? new Float32Array();
  const near = nearOf(known).map(({ record }) => ({
    record,
    similarity: dot(vectorOf(told), vectorOf(record.text)),
  }));
  const lesson = lessonOf(
    said.map((text) => says(text)),
    strategy,
  );
  return extractor.consolidate(lesson, { text: told }, near, never);
}

async function wrongOf(pairs: Record<string, Pair[]>): Promise<string[]> {
  const all = Object.values(pairs).flat();
  await prepare(all.flatMap((pair) => pair.slice(0, 2)));
  const wrong: string[] = [];
  for (const [known, told, becomes] of all) {
    const { kind } = await decide([known], told);
    if (kind !== becomes) wrong.push(`${known} | ${told}: ${kind}, not ${becomes}`);
  }
  return wrong;
}

test('pairs of facts: repeated, told in more detail, changed, or beside each other', async () => {
  expect(await wrongOf(tuned)).toEqual([]);
  const count = Object.values(keptAside).flat().length;
  expect((await wrongOf(keptAside)).length / count).toBeLessThan(0.15);
});

test('the record that a new fact makes untrue is changed, others like it stay', async () => {
  const known = [
    "The user's brother lives in Berlin.",
    'The user lives in Berlin.',
    'The user was born in Berlin.',
  ];
  expect(await decide(known, 'The user moved to Munich.')).toEqual({
    kind: 'update',
    recordId: 'mem-1',
    text: 'The user moved to Munich.',
  });
  const twice = ['The user works at Acme.', 'The user works for Acme as an engineer.'];
  expect(await decide(twice, 'The user joined Globex.')).toMatchObject({
    kind: 'update',
    supersedes: ['mem-1'],
  });
});

test('of a record that says several things only the one that has changed is replaced', async () => {
  const known = ["The user's dog is called Rex. The user's cat is called Tom."];
  expect(await decide(known, "The user's cat is called Tim.")).toEqual({
    kind: 'update',
    recordId: 'mem-0',
    text: "The user's dog is called Rex. The user's cat is called Tim.",
  });
  expect(await decide(known, "The user's dog is called Rex.")).toEqual({ kind: 'skip' });
});

test('a correction may name little of what it corrects', async () => {
  const told = 'The user likes green tea in the morning.';
  const known = ['The user likes black tea in the morning.'];
  expect(await decide(known, told)).toMatchObject({ kind: 'add' });
  const said = ['Actually, I like green tea in the morning.'];
  expect(await decide(known, told, { said })).toMatchObject({ kind: 'update' });
});

test('preferences are compared without the JSON around them', async () => {
  const strategy = { type: 'USER_PREFERENCE' } as const;
  const record = (preference: string, categories = ['drink']) =>
    JSON.stringify({ context: 'Said so.', preference, categories });
  const known = [record('Likes black coffee'), record('Prefers window seats', ['travel'])];
  const become = (preference: string) => decide(known, record(preference), { strategy });
  expect(await become('Loves black coffee')).toEqual({ kind: 'skip' });
  expect(await become('Likes green tea')).toMatchObject({ kind: 'add' });
  expect(await become('Prefers quiet hotels')).toMatchObject({ kind: 'add' });
  expect(await become('Hates black coffee')).toMatchObject({ kind: 'update', recordId: 'mem-0' });
  expect(await become('Prefers window seats on long flights')).toEqual({
    kind: 'update',
    recordId: 'mem-1',
    text: record('Prefers window seats on long flights', ['drink', 'travel']),
  });
  expect(await decide(['not JSON'], record('Likes tea'), { strategy })).toMatchObject({ kind: 'add' });
});

const trip = [
  says("I'm planning a trip to Lisbon in May with my wife. Which part of the city is nice?"),
  says('Alfama and Chiado are both lovely. Chiado is more central.', 'ASSISTANT'),
  says('Are there hotels in Chiado for under 150 euros a night?'),
  says('Hotel Borges is about 120 euros.', 'ASSISTANT'),
];
const bug = [
  says('Something else: my Python script crashes with a KeyError when parsing the config file.'),
  says('The key is missing. Use config.get with a default.', 'ASSISTANT'),
];
const booking = [
  says('Back to Lisbon: please book the Hotel Borges in Chiado.'),
  says("I've booked the Hotel Borges from May 3 to May 8.", 'ASSISTANT'),
];
const summarized = async (messages = trip, previous: string[] = [], context = [] as typeof trip) =>
  (await extractor.summarize(lessonOf(messages, { type: 'SUMMARIZATION' }, context), previous, never)).map(
    ({ text }) => text,
  );

test('a summary has a topic for each thing spoken of, and goes on with it when it comes back', async () => {
  const first = await summarized([...trip, ...bug]);
  expect(first).toHaveLength(1);
  const [lisbon, python] = first.join('').split('</topic>');
  expect(lisbon).toMatch(
    /^<topic name="[^"]*(?:Chiado|Lisbon)[^"]*">\nThe user is planning a trip to Lisbon/,
  );
  expect(python).toMatch(/<topic name="[^"]*Python[^"]*">[\s\S]*KeyError/);
  const grown = await summarized(booking, first, [...trip, ...bug]);
  const topics = grown.join('').split('</topic>');
  expect(topics).toHaveLength(3);
  expect(topics[0]).toContain('The assistant has booked the Hotel Borges');
  expect(topics[1]).toBe(python);
  expect(await summarized([...trip, ...bug])).toEqual(first);
});

test('a summary stays within bounds however long the session is', async () => {
  const talkOf = (city: string) => [
    says(
      `Übrigens, wie steht es um den Plan von ${city}? ${'Es gibt dort viele Straßen & <Parks>. '.repeat(4)}`,
    ),
    says('Soweit ich das von hier aus sehen kann, steht es gut um ihn.', 'ASSISTANT'),
  ];
  const cities = [
    'Oslo',
    'Rome',
    'Lima',
    'Cairo',
    'Delhi',
    'Perth',
    'Quito',
    'Tokyo',
    'Paris',
    'Turin',
    'Malmo',
    'Genoa',
  ];
  const first = await summarized(cities.flatMap(talkOf));
  const summary = await summarized(['Izmir', 'Basel', 'Kyoto'].flatMap(talkOf), first);
  expect(summary.length).toBeLessThanOrEqual(8);
  expect(summary.join('').match(/<topic /g)?.length).toBeLessThanOrEqual(12);
  expect(Math.max(...summary.map(({ length }) => length))).toBeLessThanOrEqual(2_000);
  expect(summary.join('')).toContain('&lt;Parks&gt;');
});

test('topics of a language that the embedder does not know go by words', async () => {
  const said = [
    says('我打算去东京旅行，有什么推荐的酒店吗？'),
    says('新宿的酒店很方便。', 'ASSISTANT'),
    says('那我订新宿的酒店吧。'),
    says('已为您预订新宿的酒店。', 'ASSISTANT'),
    says('另外，我的Python程序报错了。'),
    says('您需要先安装模块。', 'ASSISTANT'),
  ];
  const topics = (await summarized(said)).join('').split('</topic>');
  expect(topics[0]).toMatch(/酒店[\s\S]*已为您预订新宿的酒店/);
  expect(topics[1]).toMatch(/name="[^"]*Python/);
});

const build = [
  says("My Docker build fails with 'no space left on device'. How do I fix it?"),
  says('Remove unused images with docker image prune.', 'ASSISTANT'),
  says('It still fails with the same error.'),
  says('Clear the build cache with docker builder prune.', 'ASSISTANT'),
  says('That worked, thanks!'),
];
const episodeOf = (messages: typeof build, final = false, context: typeof build = []) =>
  extractor.episode(lessonOf(messages, { type: 'EPISODIC' }, context), { final }, never);

test('an episode ends with success, when the user gives up or goes over to something else, or when nothing more comes', async () => {
  expect(await episodeOf(build.slice(0, 4))).toBeUndefined();
  const done = await episodeOf(build);
  expect(done?.text).toMatch(/^<episode>\n<situation>The user's Docker build fails/);
  expect(done?.text).toContain(
    '<assessment>yes</assessment>\n<justification>“That worked, thanks!”</justification>',
  );
  expect(done?.text).toContain(
    '<reflection>Did not work: Remove unused images with docker image prune.\nWorked: Clear',
  );
  expect(done?.text.match(/<turn>/g)).toHaveLength(2);
  // What an episode began with may be in the context; what ended before is not told again.
  expect((await episodeOf(build.slice(4), false, build.slice(0, 4)))?.text).toBe(done?.text);
  expect((await episodeOf(bug, true, build))?.text).not.toContain('Docker');
  expect((await episodeOf([...bug, says("Never mind, I'll do it myself.")]))?.text).toContain(
    '<assessment>no<',
  );
  expect((await episodeOf([...trip.slice(0, 2), ...bug]))?.text).not.toContain('Python');
  expect((await episodeOf(bug, true))?.text).toContain('<assessment>unclear</assessment>');
  expect(await episodeOf([says('Hello.')], true)).toBeUndefined();
});

test('like episodes teach what worked and what did not', async () => {
  const [one, other, foreign] = await Promise.all([
    episodeOf(build),
    episodeOf([
      says('The docker build says no space left on device on the CI machine. What can I do?'),
      says('Run docker builder prune on that machine.', 'ASSISTANT'),
      says('Perfect, the build passes now.'),
    ]),
    episodeOf(trip, true),
  ]);
  const reflected = (episodes: (string | undefined)[], reflections: string[] = []) =>
    extractor.reflect(
      lessonOf([]),
      other?.text ?? '',
      { episodes: episodes.map(String), reflections: nearOf(reflections) },
      never,
    );
  expect(await reflected([])).toEqual([]);
  expect(await reflected([foreign?.text])).toEqual([]);
  const [reflection] = await reflected([foreign?.text, one?.text]);
  expect(reflection).toMatchObject({
    kind: 'add',
    text: expect.stringMatching(/^<reflection>\n<title>[^<]*Docker/),
  });
  const text = reflection && 'text' in reflection ? reflection.text : '';
  expect(text).toMatch(/Did not work: Remove[\s\S]*Worked: Clear[\s\S]*Worked: Run[\s\S]*<confidence>0\.5</);
  expect(await reflected([one?.text], [text])).toEqual([{ kind: 'update', recordId: 'mem-0', text }]);
});
