import type { Answers, Step } from './tour-steps.ts';

const main = `"""An agent that remembers what it heard in a session. A real one asks a model here."""

from bedrock_agentcore import BedrockAgentCoreApp

app = BedrockAgentCoreApp()
heard = []


@app.entrypoint
def answer(payload):
    heard.append(payload["prompt"])
    print(f"question {len(heard)}: {heard[-1]}")
    return {"answer": "You said: " + ", then ".join(heard)}


if __name__ == "__main__":
    app.run()
`;

/** What the tour deploys and asks, named after its session, with the agent's files in a folder of the workspace. */
export function agentSteps(session: string, folder: string): readonly Step[] {
  const agent = session.replace('-', '_agent_');
  return [
    {
      title: 'An agent: two files, deployed (its packages come from PyPI the first time)',
      files: { 'agent/main.py': main, 'agent/requirements.txt': 'bedrock-agentcore==1.25.0\n' },
      tool: 'deploy_agent',
      args: { path: `${folder}/agent`, name: agent, wait_seconds: 600 },
      show: ['arn', 'version', 'runtime', 'included', 'seconds'],
      expect: agent,
    },
    {
      title: 'It answers, in a sandbox of its own',
      tool: 'invoke_agent_runtime',
      args: { agent, session, prompt: 'Hello' },
      show: ['answer', 'session', 'seconds'],
      expect: 'You said: Hello',
    },
    {
      title: 'The same session goes on, and is fast now',
      tool: 'invoke_agent_runtime',
      args: { agent, session, prompt: 'Are you still there?' },
      show: ['answer', 'seconds'],
      expect: 'Hello, then Are you still there?',
    },
    {
      title: 'What it printed',
      tool: 'get_logs',
      args: { agent, session },
      show: ['lines', 'errors'],
      expect: 'question 2: Are you still there?',
    },
    {
      title: 'Its session ends, and with it every process of it',
      tool: 'stop_session',
      args: { session, agent },
      show: ['stopped'],
      expect: 'stopped',
    },
    {
      title: 'The agent is deleted, by the API itself; its files stay, to be deployed again when you like',
      tool: 'call_aws_api',
      args: deletion,
      show: ['result'],
      expect: 'DELETING',
    },
  ];
}

/** What deletes the agent that was deployed, if one was. */
export function deletion(answers: Answers) {
  const arn = String(answers.get('deploy_agent')?.arn ?? '');
  return { operation: 'DeleteAgentRuntime', params: { agentRuntimeId: arn.slice(arn.lastIndexOf('/') + 1) } };
}
