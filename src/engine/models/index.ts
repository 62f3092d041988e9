import { basename } from 'node:path';
import type { LanguageModel, ModelSettings, NativeInvocations } from './model.ts';
import { ModelServer } from './openai/model-server.ts';

/** For tests: what is otherwise fixed. */
export interface ModelOptions {
  /** How long a model server may say nothing, in milliseconds. Default: a bit less than five minutes. */
  silenceMs?: number;
}

/**
 * The language model that the settings name. Nothing is asked yet: a server need not run, a file need not be there.
 * What a model needs is loaded when it is first asked.
 * @throws Error where the URL is none.
 */
export function createModel(settings: ModelSettings, options: ModelOptions = {}): LanguageModel {
  switch (settings.provider) {
    case 'openai': {
      const { model, url, apiKey } = settings;
      const server = new ModelServer(url, apiKey);
      return lazily(`${model ?? 'the models'} at ${server.url}`, async () => {
        const { createOpenAiModel } = await import('./openai/openai-model.ts');
        return createOpenAiModel({ server, model, ...options });
      });
    }
    case 'bedrock': {
      const { region } = settings;
      return bedrockLazily(`Amazon Bedrock${region ? ` in ${region}` : ''}`, async () => {
        const { createBedrockModel } = await import('./bedrock.ts');
        return createBedrockModel(settings);
      });
    }
    case 'script': {
      const name = `scripted (${basename(settings.file)})`;
      const model = lazily(name, async () => {
        const { createScriptedModel } = await import('./script/scripted-model.ts');
        return createScriptedModel(settings.file, name);
      });
      return { ...model, scripted: true };
    }
  }
}

/** What is in the way of its answers, as far as that shows at once: a script that is none, a server that is not there. */
export async function modelProblem(
  settings: ModelSettings,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (settings.provider) {
    case 'openai': {
      const server = new ModelServer(settings.url, settings.apiKey);
      return (await server.models(signal)) ? undefined : `no server lists its models at ${server.url}`;
    }
    case 'bedrock':
      return undefined;
    case 'script': {
      const { ScriptFile } = await import('./script/script-file.ts');
      return new ScriptFile(settings.file).read().then(
        () => undefined,
        (error: Error) => error.message,
      );
    }
  }
}

type Converse = LanguageModel['converse'];

function lazily(name: string, load: () => Promise<Converse>): LanguageModel {
  let loading: Promise<Converse> | undefined;
  return {
    name,
    async *converse(request, signal) {
      loading ??= load();
      const converse = await loading;
      yield* converse(request, signal);
    },
  };
}

function bedrockLazily(
  name: string,
  load: () => Promise<NativeInvocations & { converse: Converse }>,
): LanguageModel {
  let loading: ReturnType<typeof load> | undefined;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    ...lazily(name, async () => (await loaded()).converse),
    native: {
      invoke: async (input, signal) => (await loaded()).invoke(input, signal),
      invokeWithResponseStream: async (input, signal) =>
        (await loaded()).invokeWithResponseStream(input, signal),
    },
  };
}
