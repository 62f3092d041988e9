import type {
  ConverseStreamCommandInput,
  ConverseStreamOutput,
  InvokeModelCommandInput,
  InvokeModelCommandOutput,
  InvokeModelWithResponseStreamCommandInput,
  InvokeModelWithResponseStreamCommandOutput,
} from '@aws-sdk/client-bedrock-runtime';

/** Which language model answers, and where it is. */
export type ModelSettings =
  /** Any OpenAI-compatible server, e.g. Ollama at `http://127.0.0.1:11434/v1`; `model` replaces every model id asked for. */
  | { provider: 'openai'; url: string; model?: string; apiKey?: string }
  /** Bedrock itself, with the credentials of this process's environment or profile; `url` is an endpoint of one's own. */
  | { provider: 'bedrock'; region?: string; profile?: string; url?: string }
  /** Rules in a file, for tests, examples and the tour. */
  | { provider: 'script'; file: string };

/** A language model, as Bedrock's ConverseStream shows it. */
export interface LanguageModel {
  /** Who answers, for people, e.g. `qwen3 at http://127.0.0.1:11434/v1` or `scripted (rules.json)`. */
  readonly name: string;
  /** Set where rules answer, which know only what they were written for. */
  readonly scripted?: true;
  /**
   * The events of one answer: `messageStart` first, `metadata` with the token counts last. Blocks come one after the
   * other. Nothing is given before the model has begun to answer, so that a refusal comes as the only thing. Where it
   * is not Bedrock that answers, `messageStop.additionalModelResponseFields.answeredBy` says who it is.
   * @throws the SDK's modelled exceptions (ValidationException, ThrottlingException, ModelTimeoutException,
   * ModelErrorException, AccessDeniedException, ResourceNotFoundException, ServiceUnavailableException), and
   * `signal.reason` once it has aborted.
   */
  converse(request: ConverseStreamCommandInput, signal: AbortSignal): AsyncIterable<ConverseStreamOutput>;
  /** Where Bedrock itself answers: bodies in each model's own format, passed on as they are. */
  readonly native?: NativeInvocations;
}

/** InvokeModel and its streaming form, of models with formats of their own. Throws like `converse`. */
export interface NativeInvocations {
  invoke(input: InvokeModelCommandInput, signal: AbortSignal): Promise<InvokeModelCommandOutput>;
  invokeWithResponseStream(
    input: InvokeModelWithResponseStreamCommandInput,
    signal: AbortSignal,
  ): Promise<InvokeModelWithResponseStreamCommandOutput>;
}
