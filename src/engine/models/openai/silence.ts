/** Ends a request when nothing has been heard for a time, and when the one who asked goes away. */
export class Silence {
  readonly #controller = new AbortController();
  readonly #ms: number;
  readonly #reason: () => Error;
  #timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal;

  /** @param reason Why the request ends after so many milliseconds without a `heard`. */
  constructor(ms: number, reason: () => Error, asking: AbortSignal) {
    this.#ms = ms;
    this.#reason = reason;
    this.signal = AbortSignal.any([this.#controller.signal, asking]);
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(this.#reason()), this.#ms);
  }

  /** Lets go of the request, whether or not it is complete. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
