import type { Log } from '../../log.ts';
import type { LanguageModel } from '../../models/model.ts';
import type { Service } from '../../service.ts';

export interface BedrockRuntimeDependencies {
  /** None where the user has configured none. */
  model: LanguageModel | undefined;
  log: Log;
}

/**
 * Bedrock Runtime, answered by a model: Converse, ConverseStream, and InvokeModel in both forms with the bodies of
 * Anthropic's messages (with Bedrock behind it, with any body). What it needs is loaded when somebody asks.
 */
export function createBedrockRuntime(dependencies: BedrockRuntimeDependencies): Service {
  let loading: Promise<ReturnType<typeof import('./operations.ts')['createOperations']>> | undefined;
  const operations = () => {
    loading ??= import('./operations.ts').then(({ createOperations }) => createOperations(dependencies));
    return loading;
  };
  return {
    handlers: {
      bedrock: {
        Converse: async (input, call) => (await operations()).Converse(input, call),
        ConverseStream: async (input, call) => (await operations()).ConverseStream(input, call),
        InvokeModel: async (input, call) => (await operations()).InvokeModel(input, call),
        InvokeModelWithResponseStream: async (input, call) =>
          (await operations()).InvokeModelWithResponseStream(input, call),
      },
    },
    live: () => 0,
    close: async () => {},
  };
}
