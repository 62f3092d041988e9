import type { EmbeddingSettings } from '../models/embeddings/embedder.ts';
import type { ModelSettings } from '../models/model.ts';
import type { AgentSettings, BrowserSettings } from '../services/index.ts';
import type { Keys } from './keys.ts';

/** What a user can choose about the services of an engine. */
export interface ServiceSettings {
  model?: ModelSettings;
  /** Default: the model that comes with this package. */
  embedding?: EmbeddingSettings;
  agents?: Partial<AgentSettings>;
  browser?: Partial<BrowserSettings>;
  /** A real S3 to take code from instead of the engine's own. */
  s3Url?: string;
  /** How many sandboxes are kept ready for code sessions; 0 for none. Default: by the machine's free memory, at most 4. */
  spares?: number | undefined;
}

/** Not on the command line, where every user of the machine could read a key. */
const variable = 'AGENTCORE_MCP_ENGINE_SETTINGS';
const awsVariables = /^AWS_\w+$/;

/** Whether anything is chosen that makes a difference to what is answered. */
function hasChoices({ model, embedding, agents = {}, browser = {}, s3Url }: ServiceSettings): boolean {
  return Boolean(
    model ||
      embedding ||
      s3Url ||
      agents.strictRuntime ||
      agents.allowHosts?.length ||
      browser.allowHosts?.length ||
      browser.blockHosts?.length ||
      browser.path,
  );
}

/** The variables that carry settings to an engine; with them the user's AWS credentials, where something needs these. */
export function settingsVariables(settings: ServiceSettings, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!hasChoices(settings) && settings.spares === undefined) return {};
  const usesAws =
    [settings.model, settings.embedding].some((chosen) => chosen?.provider === 'bedrock') ||
    settings.s3Url !== undefined;
  const aws = usesAws ? Object.entries(env).filter(([name]) => awsVariables.test(name)) : [];
  return { ...Object.fromEntries(aws), [variable]: JSON.stringify(settings) };
}

/** The settings that an engine process was started with; they are gone from its environment then. */
export function takeSettings(env: NodeJS.ProcessEnv): ServiceSettings {
  const text = env[variable];
  delete env[variable];
  return text ? (JSON.parse(text) as ServiceSettings) : {};
}

/** Tells settings apart without showing them; undefined where nothing is chosen. */
export function settingsMark(settings: ServiceSettings, keys: Keys): string | undefined {
  if (!hasChoices(settings)) return undefined;
  const { model, embedding, agents, browser, s3Url } = settings;
  const sorted = (value: object = {}) =>
    Object.entries(value)
      .filter(([, chosen]) => chosen !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const chosen = [...[model, embedding, agents, browser].map(sorted), s3Url];
  return keys.prove('settings', JSON.stringify(chosen));
}
