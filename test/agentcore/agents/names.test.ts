import { describe, expect, test } from 'vitest';
import {
  agentName,
  agentSessionId,
  isAgentSessionId,
  parseAgent,
} from '../../../src/agentcore/agents/names.ts';

describe('the name of an agent', () => {
  test.each([
    ['weather', 'weather'],
    ['my-agent', 'my_agent'],
    ['My cool agent v1.2', 'My_cool_agent_v1_2'],
  ])('%s becomes %s', (label, name) => {
    expect(agentName(label)).toBe(name);
  });

  test.each(['1st agent', 'Ölprüfer', '天気', 'x'.repeat(60), '', '---', '🤖 bot'])(
    '"%s" becomes a valid one, always the same and no other label\'s',
    (label) => {
      expect(agentName(label)).toMatch(/^[a-zA-Z][a-zA-Z0-9_]{0,47}$/);
      expect(agentName(label)).toBe(agentName(label));
      expect(agentName(label)).not.toBe(agentName(`${label}x`));
    },
  );
});

describe('the session of an agent', () => {
  test.each([
    'session-123',
    'x',
    'Zürich',
    '天気',
    'a'.repeat(32),
    'with spaces and so on and on and on and on',
  ])('for "%s" has an id that AgentCore takes, always the same', (label) => {
    expect(isAgentSessionId(label)).toBe(false);
    const id = agentSessionId(label);
    expect(id).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9-_]{32,99}$/);
    expect(agentSessionId(label)).toBe(id);
    expect(agentSessionId(id)).toBe(id);
  });

  test('keeps an id as it is', () => {
    const id = '0ea6a2f9-5c1e-4f0e-9a53-2f3f6c3a9d11';
    expect(agentSessionId(id)).toBe(id);
  });
});

test.each([
  ['weather', undefined],
  ['weather-AbCdEf1234', { id: 'weather-AbCdEf1234' }],
  [
    'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/weather-AbCdEf1234',
    {
      id: 'weather-AbCdEf1234',
      arn: 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/weather-AbCdEf1234',
    },
  ],
  [
    'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/weather-AbCdEf1234/runtime-endpoint/prod',
    {
      id: 'weather-AbCdEf1234',
      arn: 'arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/weather-AbCdEf1234',
      endpoint: 'prod',
    },
  ],
  ['arn:aws:bedrock-agentcore:eu-west-1:123456789012:memory/x-AbCdEf1234', undefined],
])('%s is read as %j', (handle, parsed) => {
  expect(parseAgent(handle)).toEqual(parsed);
});
