import { createBedrockModel } from './bedrock.ts';
import type { LanguageModel, ModelSettings } from './model.ts';
import { createOpenAiModel } from './openai/openai-model.ts';
import { createScriptedModel } from './script/scripted-model.ts';

/** For tests: what is otherwise fixed. */
export interface ModelOptions {
  /** How long a model server may say nothing, in milliseconds. Default: a bit less than five minutes. */
  silenceMs?: number;
}

/**
 * The language model that the settings name. Nothing is asked yet: a server need not run, a file need not be there.
 * @throws Error where the URL is none.
 */
export function createModel(settings: ModelSettings, options: ModelOptions = {}): LanguageModel {
  switch (settings.provider) {
    case 'openai':
      return createOpenAiModel(settings, options);
    case 'bedrock':
      return createBedrockModel(settings);
    case 'script':
      return createScriptedModel(settings);
  }
}
