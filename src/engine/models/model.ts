import type { ConverseStreamCommandInput, ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';

/** Which language model answers, and where it is. */
export type ModelSettings =
  /** Any OpenAI-compatible server, e.g. Ollama at `http://127.0.0.1:11434/v1`; `model` replaces every model id asked for. */
  | { provider: 'openai'; url: string; model?: string; apiKey?: string }
  /** Bedrock itself, with the credentials of this process's environment or profile. */
  | { provider: 'bedrock'; region?: string; profile?: string }
  /** Rules in a file, for tests, examples and the tour. */
  | { provider: 'script'; file: string };

/** A language model, as Bedrock's ConverseStream shows it. */
export interface LanguageModel {
  /** Who answers, for people, e.g. `qwen3 at http://127.0.0.1:11434/v1` or `scripted (rules.json)`. */
  readonly name: string;
  /**
   * The events of one answer: `messageStart` first, `metadata` with the token counts last.
   * @throws the SDK's modelled exceptions (ValidationException, ThrottlingException, ModelTimeoutException,
   * ModelErrorException, AccessDeniedException, ResourceNotFoundException, ServiceUnavailableException).
   */
  converse(request: ConverseStreamCommandInput, signal: AbortSignal): AsyncIterable<ConverseStreamOutput>;
}
