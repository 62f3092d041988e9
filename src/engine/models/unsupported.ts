import type { ConverseStreamCommandInput } from '@aws-sdk/client-bedrock-runtime';
import { invalidRequest } from './exceptions.ts';

/**
 * Refuses what only Bedrock can do and what must not be left out silently: guardrails and stored prompts.
 * @throws ValidationException
 */
export function refuseBedrockOnly(request: ConverseStreamCommandInput): void {
  const { guardrailConfig, promptVariables, modelId = '' } = request;
  if (guardrailConfig)
    throw invalidRequest(
      `Guardrails are Bedrock's own, and the guardrail ${guardrailConfig.guardrailIdentifier} cannot be applied here. Leave guardrailConfig out, or start the engine with --model-bedrock.`,
    );
  if (promptVariables || /:prompt\//.test(modelId))
    throw invalidRequest(
      `Prompts kept by Bedrock are not known here (${modelId}). Send messages instead, or start the engine with --model-bedrock.`,
    );
}
