import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, parse } from 'node:path';
import type { z } from 'zod';
import { configTable, token } from './config-table.ts';
import { parseAllowHosts } from './engine/egress/allow-hosts.ts';
import type { EmbeddingSettings } from './engine/models/embeddings/embedder.ts';
import type { ModelSettings } from './engine/models/model.ts';
import type { ServiceSettings } from './engine/process/settings.ts';
import { readOptions, UsageError } from './options.ts';
import { absolute, defaultDataDir } from './platform/paths.ts';

/** The settings of one process; never changes after it was read. */
export type Config = Readonly<
  Omit<z.output<typeof configTable>, 'dataDir' | 'workspace' | ModelOption | EmbeddingOption> & {
    /** Absolute. */
    dataDir: string;
    /** Absolute; may not exist yet. */
    workspace: string;
    /** The language model of the local engine. */
    model?: ModelSettings;
    /** What the local engine searches memory with; unset, the model that comes with this package. */
    embedding?: EmbeddingSettings;
    /** A real S3 that the local engine takes agents' code from: AWS_ENDPOINT_URL_S3. */
    s3Url?: string;
  }
>;

type ModelOption = 'modelUrl' | 'modelName' | 'modelApiKey' | 'modelBedrock' | 'modelScript';
type EmbeddingOption = 'embeddingUrl' | 'embeddingName' | 'embeddingApiKey' | 'embeddingBedrock';

/** What the local engine of a configuration works with. */
export function serviceSettings(config: Config): ServiceSettings {
  const {
    model,
    embedding,
    s3Url,
    spares,
    agentAllowHosts,
    strictRuntime,
    browserAllowHosts,
    browserBlockHosts,
    browserPath,
  } = config;
  return {
    ...{ model, embedding, s3Url, spares },
    agents: { allowHosts: agentAllowHosts, strictRuntime },
    browser: { allowHosts: browserAllowHosts, blockHosts: browserBlockHosts, path: browserPath },
  };
}

/** How the engine of a configuration is found or started. */
export function engineSettings(config: Config) {
  const { dataDir, engineIdle, logLevel } = config;
  return { ...serviceSettings(config), dataDir, idleSeconds: engineIdle, logLevel };
}

/** What a configuration is read from, besides the arguments. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

const here = (): Surroundings => ({ env: process.env, cwd: process.cwd() });

/**
 * The current folder is the workspace only where a person put it there. Desktop clients start servers in the root,
 * the home or a system folder, and to open one of these to a model would be an accident.
 */
function isProjectFolder(folder: string, env: NodeJS.ProcessEnv): boolean {
  const system = env.SystemRoot;
  if (folder === parse(folder).root || folder === homedir()) return false;
  if (system && folder.toLowerCase().startsWith(system.toLowerCase())) return false;
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Completes what {@link readOptions} read of a table that has the options of {@link configTable}. */
export function completeConfig(read: z.output<typeof configTable>, { env, cwd } = here()): Config {
  const dataDir = read.dataDir ? absolute(read.dataDir, cwd) : defaultDataDir(env);
  const unset = () => (isProjectFolder(cwd, env) ? cwd : join(dataDir, 'workspace'));
  const workspace = read.workspace ? absolute(read.workspace, cwd) : unset();
  const bearerToken =
    read.bearerToken ?? (read.bearerTokenFile && tokenOfFile(absolute(read.bearerTokenFile, cwd)));
  const { modelUrl, modelName, modelApiKey, modelBedrock, modelScript, ...besidesModel } = read;
  const { embeddingUrl, embeddingName, embeddingApiKey, embeddingBedrock, ...others } = besidesModel;
  const model = modelOf(read, cwd);
  const embedding = embeddingOf(read);
  checkHosts('--agent-allow-hosts', others.agentAllowHosts);
  checkHosts('--browser-allow-hosts', others.browserAllowHosts);
  checkHosts('--browser-block-hosts', others.browserBlockHosts);
  const browserPath = read.browserPath && absolute(read.browserPath, cwd);
  const models = { model, embedding };
  const config = { ...others, ...models, browserPath, dataDir, workspace, bearerToken, s3Url: realS3(env) };
  for (const part of Object.values(config)) Object.freeze(part);
  return Object.freeze(config);
}

/** In a shell that has evaluated `agentcore-mcp env`, the variable names the engine itself, as AgentCore's does. */
function realS3({ AWS_ENDPOINT_URL_S3: url, ...env }: NodeJS.ProcessEnv): string | undefined {
  return url === env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE ? undefined : url;
}

/** @throws UsageError where more than one model is chosen, or half of one. */
function modelOf(read: z.output<typeof configTable>, cwd: string): ModelSettings | undefined {
  const { modelUrl, modelName, modelApiKey, modelBedrock, modelScript, region, profile } = read;
  const chosen = [
    modelUrl && '--model-url',
    modelBedrock && '--model-bedrock',
    modelScript && '--model-script',
  ];
  const [first, second] = chosen.filter(Boolean);
  if (second) throw new UsageError(`${first} and ${second} exclude each other: one model answers.`);
  if (modelName && !modelUrl) throw new UsageError('--model-name goes with --model-url.');
  if (modelUrl) return { provider: 'openai', url: modelUrl, model: modelName, apiKey: modelApiKey };
  if (modelBedrock) return { provider: 'bedrock', region, profile };
  if (modelScript) return { provider: 'script', file: absolute(modelScript, cwd) };
  return undefined;
}

/** @throws UsageError where more than one is chosen, or half of one. */
function embeddingOf(read: z.output<typeof configTable>): EmbeddingSettings | undefined {
  const { embeddingUrl: url, embeddingName: model, embeddingApiKey: apiKey, embeddingBedrock } = read;
  if (url && embeddingBedrock)
    throw new UsageError(
      '--embedding-url and --embedding-bedrock exclude each other: one model embeds everything.',
    );
  if (url && !model)
    throw new UsageError(
      '--embedding-url needs --embedding-name, the name of an embedding model on that server.',
    );
  if (model && !url && !embeddingBedrock)
    throw new UsageError('--embedding-name goes with --embedding-url or --embedding-bedrock.');
  if (url && model) return { provider: 'openai', url, model, apiKey };
  if (embeddingBedrock) return { provider: 'bedrock', model, region: read.region, profile: read.profile };
  return undefined;
}

function checkHosts(flag: string, entries: readonly string[]): void {
  try {
    parseAllowHosts(entries);
  } catch (error) {
    throw new UsageError(`${flag}: ${(error as Error).message}`);
  }
}

function tokenOfFile(file: string): string {
  let content: string;
  try {
    content = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(
      `--bearer-token-file: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
  const read = token.safeParse(content);
  if (read.success) return read.data;
  throw new UsageError(`--bearer-token-file: ${file} does not hold ${read.error.issues[0]?.message}.`);
}

/**
 * Reads the configuration of a server from its arguments.
 * @throws UsageError for unknown flags, wrong values and arguments that are no flags.
 */
export function parseConfig(args: readonly string[] = [], surroundings: Surroundings = here()): Config {
  const { values, positionals } = readOptions(configTable, args, surroundings.env);
  if (positionals.length > 0)
    throw new UsageError(`Unexpected argument "${positionals[0]}". Options begin with --.`);
  return completeConfig(values, surroundings);
}
