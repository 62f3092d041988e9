import type { ConverseResponse, Message } from '@aws-sdk/client-bedrock-runtime';
import { z } from 'zod';
import type { Log } from '../../../../log.ts';
import { collect } from '../../../../models/collect.ts';
import type { LanguageModel } from '../../../../models/model.ts';
import { readAnswer } from './answer.ts';
import { asFailure, tooSlow, unusable } from './failures.ts';
import { answerBy, tryAgain } from './prompts.ts';

/** Where no strategy names another: quick, cheap, and in every region. A server's own model stands in for it. */
export const DEFAULT_MODEL_ID = 'global.anthropic.claude-haiku-4-5-20251001-v1:0';

/** With the longest prompts, this stays below the 8,192 tokens that small models have in all. */
const MAX_TOKENS = 3_000;
const DEADLINE_MS = 300_000;
/** Of a wrong answer, as much is shown to the model again, in characters. */
const MAX_SHOWN = 4_000;
/** Words of servers and of Bedrock for a model that cannot call tools, or not when told to. */
const noTools = /\btools?\b|tool.?(?:use|choice|config)/i;

export interface Question<Answer> {
  /** In words. */
  system: string;
  prompt: string;
  /** The tool by whose input the model answers. */
  tool: string;
  answer: z.ZodType<Answer>;
  modelId?: string | undefined;
}

export interface QuestionerOptions {
  model: LanguageModel;
  log: Log;
  /** How long one answer may take, in milliseconds. Default: five minutes. */
  deadlineMs?: number;
}

/** Asks a language model for answers of a given shape. */
export class Questioner {
  readonly #model: LanguageModel;
  readonly #log: Log;
  readonly #deadlineMs: number;
  /** Ids of models that cannot call tools. */
  readonly #withoutTools = new Set<string>();

  constructor({ model, log, deadlineMs = DEADLINE_MS }: QuestionerOptions) {
    this.#model = model;
    this.#log = log;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * A model whose answer cannot be used is told what is wrong with it, once.
   * @throws ExtractionFailure, and `signal.reason` once it has aborted.
   */
  async ask<Answer>(question: Question<Answer>, signal: AbortSignal): Promise<Answer> {
    const asked: Message[] = [{ role: 'user', content: [{ text: question.prompt }] }];
    const first = await this.#once(question, asked, signal);
    if ('answer' in first) return first.answer;
    this.#log.info('A model gave an answer that cannot be used, and is asked again', {
      model: this.#model.name,
      tool: question.tool,
      wrong: first.wrong,
    });
    const again: Message[] = [
      ...asked,
      { role: 'assistant', content: [{ text: first.said.slice(0, MAX_SHOWN).trim() || '(nothing)' }] },
      { role: 'user', content: [{ text: tryAgain(first.wrong) }] },
    ];
    const second = await this.#once(question, again, signal);
    if ('answer' in second) return second.answer;
    throw unusable(
      `${this.#model.name} gave no usable answer for ${question.tool}, asked twice. ${second.wrong}`,
      { retryable: !second.refused },
    );
  }

  async #once<Answer>(
    question: Question<Answer>,
    messages: Message[],
    signal: AbortSignal,
  ): Promise<{ answer: Answer } | { said: string; wrong: string; refused: boolean }> {
    const response = await this.#answer(question, messages, signal);
    const reading = readAnswer(response, question.tool);
    if (!('json' in reading)) return reading;
    const checked = question.answer.safeParse(reading.json);
    if (checked.success) return { answer: checked.data };
    return { said: reading.said, wrong: z.prettifyError(checked.error), refused: false };
  }

  async #answer<Answer>(
    question: Question<Answer>,
    messages: Message[],
    signal: AbortSignal,
  ): Promise<ConverseResponse> {
    const { modelId = DEFAULT_MODEL_ID } = question;
    try {
      return await this.#converse(question, messages, modelId, signal);
    } catch (error) {
      signal.throwIfAborted();
      const failure = asFailure(error);
      const refused = failure.reason === 'CUSTOM_MODEL_BEDROCK_VALIDATION_EXCEPTION';
      if (!refused || this.#withoutTools.has(modelId) || !noTools.test(failure.message)) throw failure;
      this.#withoutTools.add(modelId);
      return await this.#answer(question, messages, signal);
    }
  }

  async #converse<Answer>(
    { system, tool, answer }: Question<Answer>,
    messages: Message[],
    modelId: string,
    signal: AbortSignal,
  ): Promise<ConverseResponse> {
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    const schema = z.toJSONSchema(answer, { io: 'input' });
    delete schema.$schema;
    const toolSpec = { name: tool, inputSchema: { json: schema as never } };
    const calls = !this.#withoutTools.has(modelId);
    try {
      return await collect(
        this.#model.converse(
          {
            modelId,
            system: [{ text: system }, { text: answerBy(tool, JSON.stringify(schema)) }],
            messages,
            inferenceConfig: { maxTokens: MAX_TOKENS, temperature: 0 },
            ...(calls && { toolConfig: { tools: [{ toolSpec }], toolChoice: { tool: { name: tool } } } }),
          },
          AbortSignal.any([signal, deadline]),
        ),
      );
    } catch (error) {
      if (deadline.aborted)
        throw tooSlow(`${this.#model.name} took more than ${this.#deadlineMs / 1000} s for an answer.`);
      throw error;
    }
  }
}
