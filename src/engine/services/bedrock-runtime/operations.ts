import type { ConverseResponse } from '@aws-sdk/client-bedrock-runtime';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import { collect } from '../../models/collect.ts';
import { invalidRequest } from '../../models/exceptions.ts';
import type { LanguageModel } from '../../models/model.ts';
import type { Call, Handlers, InputOf } from '../../service.ts';
import { anthropicEvents, anthropicMessage } from './anthropic-answer.ts';
import { toConverse } from './anthropic-request.ts';
import type { BedrockRuntimeDependencies } from './index.ts';
import { begun, converseStreamErrors, responseStreamErrors } from './streams.ts';

type Operations = Required<
  Pick<Handlers<'bedrock'>, 'Converse' | 'ConverseStream' | 'InvokeModel' | 'InvokeModelWithResponseStream'>
>;
type Invocation = InputOf<'InvokeModel', 'bedrock'> | InputOf<'InvokeModelWithResponseStream', 'bedrock'>;

/** The operations, answered by the model that the user has configured. */
export function createOperations({ model: configured, log }: BedrockRuntimeDependencies): Operations {
  /** The model, and a line in the log that says who answers whom. */
  function modelFor(operation: string, modelId: string | undefined, { requestId }: Call): LanguageModel {
    if (!configured) throw noModel(modelId);
    log.info(`${operation} is answered by ${configured.name}`, { requestId, modelId });
    return configured;
  }

  return {
    async Converse(input, call) {
      const model = modelFor('Converse', input.modelId, call);
      return collect(model.converse(input, call.signal));
    },

    async ConverseStream(input, call) {
      const model = modelFor('ConverseStream', input.modelId, call);
      return { stream: converseStreamErrors(await begun(model.converse(input, call.signal))) };
    },

    async InvokeModel(input, call) {
      const model = modelFor('InvokeModel', input.modelId, call);
      if (model.native) return model.native.invoke(input, call.signal);
      refuseGuardrail(input);
      const answer = await collect(model.converse(toConverse(input), call.signal));
      const body = Uint8ArrayBlobAdapter.fromString(JSON.stringify(anthropicMessage(answer, model.name)));
      for (const [name, value] of Object.entries(measures(answer))) call.setHeader?.(name, String(value));
      return { contentType: 'application/json', body };
    },

    async InvokeModelWithResponseStream(input, call) {
      const model = modelFor('InvokeModelWithResponseStream', input.modelId, call);
      if (model.native) return model.native.invokeWithResponseStream(input, call.signal);
      refuseGuardrail(input);
      const events = anthropicEvents(model.converse(toConverse(input), call.signal), model.name);
      return { contentType: 'application/json', body: responseStreamErrors(await begun(events)) };
    },
  };
}

/** What Bedrock says of an answer of InvokeModel in its head, where frameworks count tokens. */
function measures({ usage, metrics }: ConverseResponse): Record<string, number> {
  return {
    'x-amzn-bedrock-input-token-count': usage?.inputTokens ?? 0,
    'x-amzn-bedrock-output-token-count': usage?.outputTokens ?? 0,
    'x-amzn-bedrock-invocation-latency': metrics?.latencyMs ?? 0,
  };
}

/** A ValidationException, because SDKs send that only once. */
function noModel(modelId = '') {
  return invalidRequest(
    `The local engine has no language model, so ${modelId} cannot answer. Start it again with one of: --model-url http://127.0.0.1:11434/v1 --model-name <model> (Ollama, LM Studio, vLLM or any other OpenAI-compatible server; its key, if it wants one, in AGENTCORE_MCP_MODEL_API_KEY), --model-bedrock (Bedrock itself, with your AWS credentials), or --model-script <rules.json> (scripted answers, for tests).`,
  );
}

function refuseGuardrail({ guardrailIdentifier }: Invocation): void {
  if (guardrailIdentifier)
    throw invalidRequest(
      `Guardrails are Bedrock's own, and ${guardrailIdentifier} cannot be applied here. Leave guardrailIdentifier out, or start the engine with --model-bedrock.`,
    );
}
