import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { AGENT_MS, DEPLOY_MS, type Deployed, examples, sessionId, useExamples } from '../support/agents.ts';
import { describeSandbox } from '../support/sandbox.ts';

vi.setConfig({ testTimeout: AGENT_MS });

/** Rules answer in place of Bedrock; everything else of the agents is as on PyPI. */
const scripted = (name: string) => ['--model-script', join(examples, name, 'script.json')];

const question = 'How many words are in: to be or not to be';

describeSandbox('agents that ask Bedrock', () => {
  const strands = useExamples(scripted('strands'));
  const langgraph = useExamples(scripted('langgraph'));
  let [ofStrands, ofLanggraph]: Deployed[] = [];

  beforeAll(async () => {
    [ofStrands, ofLanggraph] = await Promise.all([strands.deploy('strands'), langgraph.deploy('langgraph')]);
  }, DEPLOY_MS);

  test('Strands runs its tool, remembers within a session, and knows nothing in another', async () => {
    const agent = ofStrands as Deployed;
    const [one, two] = [sessionId('one'), sessionId('two')];
    const counted = { answer: 'That text has 6 words.', messages: 4 };
    expect(await strands.ask(agent, one, { prompt: question })).toEqual(counted);
    expect(await strands.ask(agent, one, { prompt: 'thanks' })).toEqual({
      answer: 'You said: thanks',
      messages: 6,
    });
    expect(await strands.ask(agent, two, { prompt: 'hello' })).toEqual({
      answer: 'You said: hello',
      messages: 2,
    });
    await strands.stop(agent, two);
    await strands.stop(agent, one);
    expect(await strands.ask(agent, one, { prompt: question })).toEqual(counted);
  });

  test('Strands streams what the model says before and after the tool', async () => {
    const { response, contentType } = await strands.invoke(ofStrands as Deployed, {
      runtimeSessionId: sessionId(),
      payload: JSON.stringify({ prompt: question, stream: true }),
    });
    expect(contentType).toContain('text/event-stream');
    const events = (await response?.transformToString()) ?? '';
    const pieces = [...events.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
    expect(pieces.join('')).toBe('Let me count. That text has 6 words.');
    expect(pieces.length).toBeGreaterThan(2);
  });

  test('LangGraph runs its tool, as the tool for asking shows it', async () => {
    const asked = await langgraph.tool('invoke_agent_runtime', {
      agent: 'langgraph',
      prompt: 'What is 2 + 40?',
    });
    expect(asked).toMatchObject({ answer: { answer: 'The sum is 42.0.', steps: 4 }, isError: false });
    const { lines } = await langgraph.tool('get_logs', { agent: 'langgraph', session: asked.session });
    expect(lines).toContain('Invocation completed successfully');
    const without = await langgraph.ask(ofLanggraph as Deployed, sessionId(), { prompt: 'hello' });
    expect(without).toEqual({ answer: 'Ask me for a sum, such as 2 + 40.', steps: 2 });
  });
});
