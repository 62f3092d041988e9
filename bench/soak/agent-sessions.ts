import { randomUUID } from 'node:crypto';
import {
  type BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { McpServer } from '../harness/mcp.ts';

const TURNS = 3;

/** Deploys the minimal agent, each time with another environment, so that it is a version of its own. */
export async function deploy(server: McpServer, version: number): Promise<string> {
  const { arn } = await server.call('deploy_agent', {
    name: 'minimal',
    path: 'minimal',
    env: [`SOAK=${version}`],
  });
  return String(arn);
}

/** One session of an agent: some calls, each answer checked, and its end. */
export async function useAgent(client: BedrockAgentCoreClient, agentRuntimeArn: string): Promise<void> {
  const named = { agentRuntimeArn, runtimeSessionId: `soak-${randomUUID()}` };
  try {
    for (let turn = 1; turn <= TURNS; turn++) {
      const payload = JSON.stringify({ turn });
      const call = { ...named, payload, contentType: 'application/json' };
      const { response } = await client.send(new InvokeAgentRuntimeCommand(call));
      const answer = await response?.transformToString();
      if (answer !== payload) throw new Error(`The agent answered ${answer}, not ${payload}.`);
    }
  } finally {
    await client.send(new StopRuntimeSessionCommand(named));
  }
}
