const LIST_MS = 5_000;
/** For so long a server is taken to have the models that it listed. */
const LISTED_STANDS_MS = 30_000;

/** How a user names a server, a model of it, and the key for it. */
export interface ServerOptions {
  url: string;
  name: string;
  key: string;
}

const modelOptions: ServerOptions = {
  url: '--model-url',
  name: '--model-name',
  key: 'AGENTCORE_MCP_MODEL_API_KEY',
};

/** An OpenAI-compatible server, and the models that it has. */
export class ModelServer {
  /** Without a slash at its end, e.g. `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** For messages. */
  readonly options: ServerOptions;
  #listed: { ids: string[] | undefined; until: number } | undefined;

  /** @throws Error where the URL is none, or has more than a place in it. */
  constructor(url: string, apiKey?: string, options = modelOptions) {
    const parsed = URL.parse(url);
    if (!parsed || !/^https?:$/.test(parsed.protocol))
      throw new Error(
        `The model server's URL is ${JSON.stringify(url)}, but must be like http://127.0.0.1:11434/v1.`,
      );
    if (parsed.username || parsed.password || parsed.search || parsed.hash)
      throw new Error(
        `The model server's URL must not have a user name, a password, a query or a fragment in it. Give a key in ${options.key}.`,
      );
    this.url = parsed.href.replace(/\/+$/, '');
    this.apiKey = apiKey;
    this.options = options;
  }

  /** A request's body in the server's own words: OpenAI's newer models know the limit on tokens only by its newer name. */
  requestBody(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
    if (new URL(this.url).hostname !== 'api.openai.com') return { ...body };
    const { max_tokens, ...rest } = body;
    return { ...rest, max_completion_tokens: max_tokens };
  }

  /** A text without the key, which some servers repeat. */
  withoutKey(text: string): string {
    return this.apiKey ? text.replaceAll(this.apiKey, '[hidden]') : text;
  }

  /** The ids of the models that the server lists; undefined where it lists none or does not answer. */
  async models(signal: AbortSignal): Promise<string[] | undefined> {
    if (this.#listed && Date.now() < this.#listed.until) return this.#listed.ids;
    const ids = await this.#list(signal).catch(() => undefined);
    // A server that does not answer yet is asked again the next time.
    this.#listed = ids && { ids, until: Date.now() + LISTED_STANDS_MS };
    return ids;
  }

  async #list(signal: AbortSignal): Promise<string[]> {
    const response = await fetch(`${this.url}/models`, {
      headers: this.apiKey ? { authorization: `Bearer ${this.apiKey}` } : {},
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]),
    });
    const { z } = await import('zod');
    const list = z.object({ data: z.array(z.object({ id: z.string() })) });
    return list.parse(await response.json()).data.map(({ id }) => id);
  }
}
