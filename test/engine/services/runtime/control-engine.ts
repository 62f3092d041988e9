import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type AgentRuntimeArtifact,
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  type CreateAgentRuntimeCommandInput,
  GetAgentRuntimeCommand,
  type GetAgentRuntimeResponse,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { onTestFinished } from 'vitest';
import { type Engine, startEngine } from '../../../../src/engine/index.ts';
import type { RuntimeName } from '../../../../src/engine/sandbox/interpreters.ts';
import type { AgentSettings } from '../../../../src/engine/services/index.ts';
import { Objects } from '../../../../src/engine/services/objects/object-store.ts';
import type { ObjectSource } from '../../../../src/engine/services/objects/objects.ts';
import { type Control, createControl } from '../../../../src/engine/services/runtime/control.ts';
import type { RunningSessions } from '../../../../src/engine/services/runtime/target.ts';
import { createTagging } from '../../../../src/engine/services/tags.ts';
import { until } from '../../../support/engine.ts';

export const account = '123456789012';
export const scope = { account, region: 'us-east-1' };
export const bucket = 'agents';
export const roleArn = `arn:aws:iam::${account}:role/agent`;

export interface ControlEngineOptions {
  dataDir?: string;
  settings?: Partial<AgentSettings>;
  /** In place of the engine's own buckets. */
  objects?: (own: Objects) => ObjectSource;
  sessions?: RunningSessions;
}

/** An engine with nothing but the control plane of agents and a bucket, and AWS's own client for it. */
export class ControlEngine {
  readonly engine: Engine;
  readonly control: Control;
  readonly client: BedrockAgentCoreControlClient;
  readonly #objects: Objects;

  constructor(engine: Engine, control: Control, objects: Objects) {
    this.engine = engine;
    this.control = control;
    this.#objects = objects;
    this.client = this.clientFor(account);
  }

  static async start(options: ControlEngineOptions = {}): Promise<ControlEngine> {
    const made: { control?: Control; objects?: Objects } = {};
    const engine = await startEngine({
      dataDir: options.dataDir,
      services: (parts) => {
        const objects = new Objects(parts.store, join(parts.dataDir, 'objects'));
        const control = createControl({
          ...parts,
          objects: options.objects?.(objects) ?? objects,
          settings: { allowHosts: [], strictRuntime: false, ...options.settings },
          sessions: () => options.sessions ?? { end: async () => {} },
        });
        Object.assign(made, { control, objects });
        return [
          createTagging(parts.tags),
          { handlers: { agentcore: control.handlers }, live: control.live, close: control.close },
        ];
      },
    });
    if (!made.control || !made.objects) throw new Error('The engine made no services.');
    return new ControlEngine(engine, made.control, made.objects);
  }

  /** Closed after the test. */
  static async started(options: ControlEngineOptions = {}): Promise<ControlEngine> {
    const running = await ControlEngine.start(options);
    onTestFinished(() => running.close());
    return running;
  }

  clientFor(account: string, region = scope.region): BedrockAgentCoreControlClient {
    return new BedrockAgentCoreControlClient({
      endpoint: this.engine.url,
      region,
      credentials: this.engine.credentials(account),
      maxAttempts: 1,
    });
  }

  async upload(key: string, zip: Buffer): Promise<void> {
    if (!this.#objects.buckets.list(scope).some(({ name }) => name === bucket)) {
      this.#objects.buckets.create(scope, bucket);
    }
    await this.#objects.put(scope, bucket, key, Readable.from([zip]));
  }

  /** Creates an agent from a zip that is there. */
  async create(name: string, input: Partial<CreateAgentRuntimeCommandInput> = {}): Promise<string> {
    const created = await this.client.send(
      new CreateAgentRuntimeCommand({ ...agent(), agentRuntimeName: name, ...input }),
    );
    return created.agentRuntimeId ?? '';
  }

  /** Waits until nothing is under way. */
  settled(agentRuntimeId: string): Promise<GetAgentRuntimeResponse> {
    return until(async () => {
      const got = await this.client.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
      return /ING$/.test(got.status ?? '') ? undefined : got;
    });
  }

  async ready(name: string, input: Partial<CreateAgentRuntimeCommandInput> = {}): Promise<string> {
    const id = await this.create(name, input);
    const { status, failureReason } = await this.settled(id);
    if (status !== 'READY') throw new Error(`${name} is ${status}: ${failureReason}`);
    return id;
  }

  close(): Promise<void> {
    this.client.destroy();
    return this.engine.close();
  }
}

/** What create and update need. */
export const agent = (key = 'echo.zip') => ({ agentRuntimeArtifact: code(key), roleArn });

export function code(
  key: string,
  given: { runtime?: RuntimeName; entryPoint?: string[] } = {},
): AgentRuntimeArtifact {
  const { runtime = 'PYTHON_3_13', entryPoint = ['main.py'] } = given;
  return { codeConfiguration: { code: { s3: { bucket, prefix: key } }, runtime, entryPoint } };
}
