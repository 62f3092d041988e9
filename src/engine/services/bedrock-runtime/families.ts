/** Families of models by what their ids have in them; the first that fits. */
const byModelId: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[./])anthropic\./, 'Anthropic'],
  [/amazon\.nova/, 'Amazon Nova'],
  [/amazon\.titan/, 'Amazon Titan'],
  [/meta\.llama/, 'Meta Llama'],
  [/mistral\./, 'Mistral'],
  [/cohere\./, 'Cohere'],
  [/ai21\./, 'AI21'],
  [/deepseek\./, 'DeepSeek'],
  [/stability\./, 'Stability AI'],
  [/openai\./, 'OpenAI'],
  [/qwen\./, 'Qwen'],
];

/**
 * The family of models that a body of InvokeModel is for: by its version or by members that only one family has,
 * otherwise by the model id.
 */
export function bodyFamily(modelId: string, body: unknown): string {
  const has = (member: string) => typeof body === 'object' && body !== null && member in body;
  if (has('anthropic_version')) return 'Anthropic';
  if (has('inputText')) return 'Amazon Titan';
  if (has('inferenceConfig') || has('schemaVersion')) return 'Amazon Nova';
  if (has('max_gen_len')) return 'Meta Llama';
  return byModelId.find(([pattern]) => pattern.test(modelId))?.[1] ?? 'another family of models';
}
