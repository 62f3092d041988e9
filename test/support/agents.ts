import { randomUUID } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  type InvokeAgentRuntimeCommandInput,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { type Engine, type EngineOptions, startEngine } from '../../src/engine/index.ts';
import { findEngine, type RunningEngine, stopEngine } from '../../src/engine/process.ts';
import { createContext } from '../../src/server.ts';
import { runTool } from '../../src/tools/call.ts';
import { patient } from './contexts.ts';
import { Sha256 } from './signed-http.ts';

const root = join(import.meta.dirname, '..', '..');

/** The folder that a user of the examples works in. */
export const examples = join(root, 'examples', 'agents');

/** The entry of the program, from sources. */
export const cli = join(root, 'src', 'cli.ts');

/** What agents depend on is fetched once for all runs; it lies outside the source tree so that it survives `npm ci`. */
const fetched = join(root, '.cache', 'agent-dependencies');

/** Installing packages for the first time takes long. */
export const DEPLOY_MS = 600_000;

/** For a test: agents with many packages take long to start on a busy machine. */
export const AGENT_MS = 180_000;

export const region = 'us-east-1';

export interface Deployed {
  arn: string;
  version: string;
  seconds: Record<string, number>;
  [more: string]: unknown;
}

/** What a tool answered; of a failure its code, message and so on. */
export type ToolResult = Record<string, unknown> & { isError: boolean };

/** Lets the dependencies of all tests be those of a data directory that is still to come. */
export function shareDependencies(dataDir: string): void {
  mkdirSync(fetched, { recursive: true });
  mkdirSync(join(dataDir, 'cache'), { recursive: true, mode: 0o700 });
  symlinkSync(fetched, join(dataDir, 'cache', 'dependencies'));
}

/** A data directory whose dependencies are those of all tests. It is there while the tests of the group run. */
export function agentDataDir(): string {
  const dir = join(realpathSync(tmpdir()), `Ägents ${randomUUID()}`);
  const dataDir = join(dir, 'data');
  beforeAll(() => shareDependencies(dataDir));
  afterAll(async () => {
    await stopEngine(dataDir);
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  });
  return dataDir;
}

/**
 * An engine of its own for a group of tests, with the examples as its user's workspace.
 * @param services Of an engine in the test's own process. Without them it is a process as users have.
 */
export function useExamples(flags: readonly string[] = [], services?: EngineOptions['services']) {
  const dataDir = agentDataDir();
  const places = ['--data-dir', dataDir, '--workspace', examples];
  // Without get_task, calls are waited for, however long they take.
  const given = [...places, '--engine-idle', '300', '--exclude-tools', 'get_task', ...flags];
  const context: Context = createContext(parseConfig(given, { env: {}, cwd: examples }));
  let client: BedrockAgentCoreClient;
  let engine: RunningEngine;
  let own: Engine | undefined;

  beforeAll(async () => {
    if (services) own = await startEngine({ dataDir, services });
    await context.agentcore.dataUrl(region);
    engine = (await findEngine(dataDir)) as RunningEngine;
    client = new BedrockAgentCoreClient(clientConfig(engine));
  });
  afterAll(async () => {
    client?.destroy();
    await context.close(1000);
    await own?.close();
  });

  const tool = async (name: string, args: object): Promise<ToolResult> => {
    const { structuredContent, isError } = await runTool(context, name, args, patient());
    return { ...(structuredContent as Record<string, unknown>), isError: isError === true };
  };

  return {
    dataDir,
    context,
    tool,
    get engine() {
      return engine;
    },
    get client() {
      return client;
    },
    /** Deploys an example with the tool for it. @throws Error with what the tool answered when it fails. */
    async deploy(path: string, args: object = {}): Promise<Deployed> {
      const name = path.replaceAll(/\W/g, '_');
      const deployed = await tool('deploy_agent', { path, name, ...args });
      if (deployed.isError) throw new Error(`${path} was not deployed: ${JSON.stringify(deployed)}`);
      return deployed as unknown as Deployed;
    },
    invoke: (
      agent: Pick<Deployed, 'arn'>,
      input: Partial<InvokeAgentRuntimeCommandInput>,
      abortSignal?: AbortSignal,
    ) =>
      client.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn: agent.arn, payload: '{}', ...input }), {
        abortSignal,
      }),
    /** The answer of an agent, from JSON. */
    async ask(agent: Pick<Deployed, 'arn'>, runtimeSessionId: string, payload: object): Promise<unknown> {
      const { response } = await client.send(
        new InvokeAgentRuntimeCommand({
          agentRuntimeArn: agent.arn,
          runtimeSessionId,
          contentType: 'application/json',
          payload: JSON.stringify(payload),
        }),
      );
      return JSON.parse((await response?.transformToString()) ?? '');
    },
    stop: ({ arn }: Pick<Deployed, 'arn'>, runtimeSessionId: string) =>
      client.send(new StopRuntimeSessionCommand({ agentRuntimeArn: arn, runtimeSessionId })),
  };
}

/** For the SDK's clients of an engine. */
export function clientConfig(engine: Pick<RunningEngine, 'url' | 'credentials'>) {
  return { endpoint: engine.url, region, credentials: engine.credentials(), maxAttempts: 1 };
}

/** A fetch that signs as AWS clients do. */
export function signedFetch(engine: Pick<RunningEngine, 'credentials'>): typeof fetch {
  const credentials = engine.credentials();
  const signer = new SignatureV4({ service: 'bedrock-agentcore', region, credentials, sha256: Sha256 });
  return async (input, init = {}) => {
    const url = new URL(String(input));
    const { method = 'GET', body } = init;
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...Object.fromEntries(new Headers(init.headers)), host: url.host },
      body,
    });
    return fetch(url, { ...init, headers });
  };
}

let sessions = 0;

/** A session id as long as AgentCore wants them, which no other test of the file has. */
export function sessionId(label = 'session'): string {
  return `${label}-${process.pid}-${String(++sessions).padStart(33, '0')}`;
}
