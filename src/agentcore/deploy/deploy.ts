import { join } from 'node:path';
import type { GetAgentRuntimeResponse } from '@aws-sdk/client-bedrock-agentcore-control';
import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';
import { listAgents } from '../agents/agents.ts';
import { agentName } from '../agents/names.ts';
import type { Pins } from '../api/pins.ts';
import type { Deployment } from '../deployment.ts';
import type { Workspace } from '../workspace.ts';
import { type Contents, fingerprintOf, zipOf } from './archive.ts';
import { type Dependencies, DependencyCache } from './cache.ts';
import { type PythonVersion, type Start, startOf } from './entry-point.ts';
import { environmentOf } from './environment.ts';
import { nodePackages } from './node-packages.ts';
import { pythonPackages } from './python-packages.ts';
import {
  checkReady,
  create,
  isSame,
  type ServerProtocol,
  untilStable,
  update,
  type Wanted,
} from './runtime.ts';
import { type Source, sourceOfPath, sourceOfTexts } from './source.ts';
import { type CodePlace, isUploaded, upload } from './upload.ts';

/** What is to be deployed, and how. */
export interface DeployRequest {
  /** A name or a label for one. */
  name: string;
  /** Of a folder or file below the workspace; or `files`, texts by path. */
  path?: string;
  files?: Readonly<Record<string, unknown>>;
  entryPoint?: string;
  python?: PythonVersion;
  /** As {@link environmentOf} takes them. */
  env: readonly string[];
  protocol?: ServerProtocol;
}

export interface Surroundings {
  agentcore: AgentCore;
  workspace: Workspace;
  dataDir: string;
  pins: Pins;
  signal: AbortSignal;
  progress(message: string): void;
}

/** What came of it. */
export interface Deployed {
  runtime: GetAgentRuntimeResponse;
  /** `unchanged` where the very same runs already. */
  done: 'created' | 'updated' | 'unchanged';
  start: Start;
  source: Source;
  dependencies?: Dependencies;
  /** Names only. */
  environment: string[];
  /** By step. */
  seconds: Record<string, number>;
}

/** Brings code to a READY agent. @throws ToolFailure of whichever step fails. */
export async function deploy(request: DeployRequest, at: Surroundings): Promise<Deployed> {
  const { agentcore, workspace, signal } = at;
  const steps = new Steps(at);
  const deployment = await agentcore.deployment();
  const source = await steps.take('collect', 'collecting files', () =>
    request.files ? sourceOfTexts(request.files) : sourceOfPath(workspace, request.path ?? '.'),
  );
  const start = startOf(source.files, request.entryPoint, request.python);
  const name = agentName(request.name);
  const present = await findPresent(name, at);
  const roleArn = present?.roleArn ?? deployment.role();
  const environment = await environmentOf(request.env, present?.environmentVariables ?? {}, {
    workspace,
    env: process.env,
  });
  const dependencies = await steps.take('dependencies', 'fetching dependencies', () =>
    dependenciesOf(source, start, deployment, at),
  );
  const contents = { files: source.files, dependencies };
  const place = { bucket: deployment.bucket, key: `agents/${name}/${fingerprintOf(contents)}.zip` };
  const { runtime, file } = start;
  const wanted: Wanted = {
    ...{ name, place, runtime, environment },
    entryPoint: [file],
    protocol: request.protocol,
  };
  const told = { start, source, dependencies, environment: Object.keys(environment), seconds: steps.seconds };
  if (present && isSame(present, wanted)) return { ...told, runtime: present, done: 'unchanged' };
  await bring(contents, place, deployment, steps, at);
  const ready = await steps.take('start', `${present ? 'updating' : 'creating'} ${name}`, () =>
    present ? update(agentcore, present, wanted, signal) : create(agentcore, wanted, roleArn, signal),
  );
  checkReady(ready);
  return { ...told, runtime: ready, done: present ? 'updated' : 'created' };
}

/** Measures steps and tells which one is under way. */
class Steps {
  readonly seconds: Record<string, number> = {};
  readonly #progress: (message: string) => void;

  constructor({ progress }: Pick<Surroundings, 'progress'>) {
    this.#progress = progress;
  }

  async take<Result>(step: string, message: string, work: () => Result | Promise<Result>): Promise<Result> {
    this.#progress(message);
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.seconds[step] = Math.round(performance.now() - begun) / 1000;
    }
  }
}

/** The agent of this name, once nothing changes about it. */
async function findPresent(
  name: string,
  { agentcore, pins, signal }: Surroundings,
): Promise<GetAgentRuntimeResponse | undefined> {
  const found = (await listAgents(agentcore, signal)).find(
    ({ agentRuntimeName }) => agentRuntimeName === name,
  );
  const pin = pins.runtime_arn;
  if (pin && found?.agentRuntimeArn !== pin.value)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `deploy_agent: this server is fixed to the agent ${pin.value} by ${pin.flag}, and ${name} is another one.`,
      hint: 'Give the name of that agent. Nothing was changed.',
    });
  return found?.agentRuntimeId ? untilStable(agentcore, found.agentRuntimeId, signal) : undefined;
}

async function dependenciesOf(
  { files }: Source,
  { runtime }: Start,
  deployment: Deployment,
  { dataDir, signal, progress }: Surroundings,
): Promise<Dependencies | undefined> {
  const platform = () => deployment.platform(runtime);
  const cache = new DependencyCache(join(dataDir, 'cache', 'dependencies'));
  const fetching = { cache, platform, signal, progress };
  return runtime === 'NODE_22' ? nodePackages(files, fetching) : pythonPackages(files, fetching);
}

async function bring(
  contents: Contents,
  place: CodePlace,
  deployment: Deployment,
  steps: Steps,
  { agentcore, signal }: Surroundings,
): Promise<void> {
  if (await isUploaded(agentcore, place, signal)) return;
  const zip = await steps.take('zip', 'packing', () =>
    zipOf(contents, { nearby: deployment.nearby, signal }),
  );
  const megabytes = Math.max(0.1, zip.length / 1024 / 1024).toFixed(1);
  await steps.take('upload', `uploading ${megabytes} MB`, () =>
    upload(agentcore, deployment, place, zip, signal),
  );
}
