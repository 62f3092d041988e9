import {
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { relayTo } from './bedrock-client.ts';
import type { LanguageModel, ModelSettings, NativeInvocations } from './model.ts';

type BedrockSettings = Extract<ModelSettings, { provider: 'bedrock' }>;

/** Bedrock itself. Model ids and inference profiles are passed on as they are, and so is everything else. */
export function createBedrockModel(
  settings: BedrockSettings,
): NativeInvocations & Pick<LanguageModel, 'converse'> {
  const relay = relayTo(settings);
  return {
    async *converse(request, signal) {
      const command = new ConverseStreamCommand(request);
      const { stream } = await relay((sdk) => sdk.send(command, { abortSignal: signal }), signal);
      for await (const event of stream ?? []) {
        // What this SDK does not know yet cannot be written again either.
        if (!event.$unknown) yield event;
      }
    },
    invoke(input, signal) {
      const command = new InvokeModelCommand(input);
      return relay((sdk) => sdk.send(command, { abortSignal: signal }), signal);
    },
    invokeWithResponseStream(input, signal) {
      const command = new InvokeModelWithResponseStreamCommand(input);
      return relay((sdk) => sdk.send(command, { abortSignal: signal }), signal);
    },
  };
}
