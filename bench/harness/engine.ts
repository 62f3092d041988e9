import { setTimeout as sleep } from 'node:timers/promises';
import {
  BedrockAgentCoreClient,
  StartCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { type ServiceSettings, settingsVariables } from '../../src/engine/process/settings.ts';
import { findEngine, type RunningEngine } from '../../src/engine/process.ts';
import type { Bench } from './bench.ts';
import { Child } from './child.ts';
import { connectServer } from './mcp.ts';
import { engineProgram, plainEnvironment } from './places.ts';

export const region = 'us-east-1';
export const interpreter = 'aws.codeinterpreter.v1';

export interface BenchEngine extends RunningEngine {
  dataDir: string;
  process: Child;
}

interface Options {
  /** Options of Node. */
  node?: readonly string[];
  /** Where it makes temporary files. */
  tmp?: string;
  name?: string;
  /** After so long without a request it ends. Should this process be killed, its engine does not outlive it for longer. */
  idleSeconds?: number;
  settings?: ServiceSettings;
}

/** The built engine, as a process as users have it, for one section. Ctrl-C does not reach it: it ends in order. */
export async function startEngine(
  bench: Bench,
  { node = [], tmp, name = 'data', idleSeconds = 120, settings = {} }: Options = {},
) {
  const dataDir = bench.makeFolder(name);
  const args = [engineProgram, '--data-dir', dataDir, '--idle-seconds', String(idleSeconds)];
  const env = { ...plainEnvironment(), ...settingsVariables(settings, {}), ...(tmp && { TMPDIR: tmp }) };
  const process_ = new Child(bench, [process.execPath, ...node, ...args], { env, detached: true });
  await process_.message('ready');
  const found = await findEngine(dataDir);
  if (!found) throw new Error(`The engine of ${dataDir} is ready but does not answer.`);
  return { ...found, dataDir, process: process_ } satisfies BenchEngine;
}

export function clientConfig({ url, credentials }: Pick<RunningEngine, 'url' | 'credentials'>) {
  return { endpoint: url, region, credentials: credentials(), maxAttempts: 1 };
}

/** The AWS SDK's client of an engine. */
export function dataClient(bench: Bench, engine: RunningEngine): BedrockAgentCoreClient {
  const client = new BedrockAgentCoreClient(clientConfig(engine));
  bench.defer(() => client.destroy());
  return client;
}

export async function startCodeSession(client: BedrockAgentCoreClient): Promise<string> {
  const command = new StartCodeInterpreterSessionCommand({ codeInterpreterIdentifier: interpreter });
  return (await client.send(command)).sessionId ?? '';
}

/** Lets the engine come to rest after a start, so that what it prepares does not count for the first round. */
export const settle = (bench: Bench) => sleep(bench.pick(2_000, 200));

/** Deploys the minimal agent with the tool for it; the server that did it. */
export async function deployMinimal(bench: Bench, { dataDir }: BenchEngine, node: readonly string[] = []) {
  const server = await connectServer(bench, dataDir, { node });
  const { arn } = (await server.call('deploy_agent', { name: 'minimal', path: 'minimal' })) as {
    arn: string;
  };
  return { arn, id: arn.split('/').at(-1) ?? '', server };
}
