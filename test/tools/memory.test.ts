import { expect, test } from 'vitest';
import { findEngine } from '../../src/engine/process.ts';
import { conversation, linesOf, questions, type Session } from '../fixtures/conversation.ts';
import { gone, stopAfterTest } from '../support/engine.ts';
import { type AnyClient, connect } from '../support/mcp-clients.ts';
import { temporaryDir } from '../support/temporary.ts';

interface Remembered {
  text: string;
  kind: string;
  session?: string;
}

type Answer = Record<string, unknown> & { found: Remembered[] };

async function call(client: AnyClient, name: string, args: object): Promise<Answer> {
  const { structuredContent, isError } = await client.callTool({ name, arguments: { ...args } });
  expect(isError, JSON.stringify(structuredContent)).toBeFalsy();
  return structuredContent as Answer;
}

const textsOf = ({ found }: Answer) => found.map(({ text }) => text);

/** Everything that another client must know of the conversation. */
async function checkAll(client: AnyClient): Promise<void> {
  const retrieve = (args: object) => call(client, 'retrieve_memory', args);
  await Promise.all(
    questions.map(async ({ actor, query, answer }) => {
      const texts = textsOf(await retrieve({ actor, query, limit: 3 }));
      expect(texts.join('\n'), `${actor}: ${query}`).toMatch(answer);
    }),
  );

  for (const [actor, others] of [
    ['maria', /Elixir|Fernweh|marathon|peanut/],
    ['jonas', /Lisbon|cello|Stripe|Leipzig/],
    ['priya', /Lisbon|nurse|peanut|Volvo/],
  ] as const) {
    const all = textsOf(await retrieve({ actor, limit: 100 })).join('\n');
    expect(all.length).toBeGreaterThan(500);
    expect(all).not.toMatch(others);
  }

  const facts = textsOf(await retrieve({ actor: 'maria', kind: 'facts', limit: 100 })).join('\n');
  expect(facts).toMatch(/lives? in Lisbon/);
  expect(facts).not.toMatch(/lives in Hamburg/);
  const tastes = textsOf(await retrieve({ actor: 'maria', query: 'drinks', kind: 'preferences', limit: 5 }));
  expect(tastes.join('\n')).toMatch(/green tea/i);
  expect(tastes.join('\n')).not.toMatch(/loves coffee/i);
  expect(textsOf(await retrieve({ actor: 'priya', query: 'long texts', kind: 'preferences' }))[0]).toMatch(
    /bullet points/,
  );

  for (const { actor, session } of conversation) {
    const { found } = await retrieve({ actor, session, kind: 'summaries' });
    expect(found, session).not.toEqual([]);
    expect(found.every((summary) => summary.kind === 'summaries')).toBe(true);
  }
  const [summary] = textsOf(await retrieve({ actor: 'jonas', session: 'jonas-sister', kind: 'summaries' }));
  expect(summary).toMatch(/wedding|married|marries/i);

  const { turns } = await retrieve({ actor: 'maria', session: 'maria-change', recent_turns: 2 });
  expect(turns).toMatchObject([
    { role: 'user', text: 'I love grilled sardines. Thank you!' },
    { role: 'assistant', text: 'Enjoy your evening.' },
  ]);
  for (const asked of [{ query: 'What opens the garage?' }, {}])
    expect(textsOf(await retrieve(asked))).toEqual(['The code of the garage door is 4711.']);
  expect(await retrieve({ memory: 'my trips' })).toMatchObject({
    found: [],
    note: 'Nothing was found. Nothing is remembered of anybody yet.',
  });
}

test('what was told in one client is found from another, also after the engine was killed', {
  timeout: 120_000,
}, async () => {
  const dataDir = temporaryDir();
  stopAfterTest(dataDir);
  const args = ['--data-dir', dataDir, '--spares', '0', '--engine-idle', '60', '--wait-seconds', '100'];
  const [telling, asking] = await Promise.all([connect('2.x modern', { args }), connect('1.x', { args })]);

  const tell = async (session: Session) => {
    const said = { messages: linesOf(session), actor: session.actor, session: session.session, wait: true };
    expect(await call(telling, 'remember', said)).toMatchObject({
      session: session.session,
      extraction: 'done',
    });
  };
  const told = ['maria', 'jonas', 'priya'].map(async (actor) => {
    for (const session of conversation.filter((of) => of.actor === actor)) await tell(session);
  });
  const fact = { text: 'The code of the garage door is 4711.' };
  const { id: replaces } = await call(telling, 'remember', { text: 'The code of the garage door is 1147.' });
  expect(await call(asking, 'remember', fact)).toMatchObject({ similar: [{ id: replaces }] });
  expect(await call(telling, 'remember', { ...fact, replaces })).toMatchObject({
    similar: [],
    replaced: 'The code of the garage door is 1147.',
    note: 'It was remembered already.',
  });
  const { memory } = await call(telling, 'create_memory', { name: 'my trips' });
  expect(memory).toMatch(/^my_trips-/);
  await Promise.all(told);

  await checkAll(asking);
  const engine = await findEngine(dataDir);
  process.kill(engine?.pid ?? 0, 'SIGKILL');
  await gone(dataDir);
  await checkAll(asking);
});
