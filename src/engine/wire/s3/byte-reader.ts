import { ObjectError } from '../../services/objects/objects.ts';

const CR = 13;
const LF = 10;

/** Reads lines and stretches of bytes off a stream, wherever its pieces are cut. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * The text up to the next CR LF.
   * @throws ObjectError 400 `IncompleteBody` at the end of the stream, `InvalidRequest` for a line of more than `maxBytes`.
   */
  async line(maxBytes: number): Promise<string> {
    const bytes: number[] = [];
    for (;;) {
      const byte = await this.#byte();
      if (byte === LF && bytes.at(-1) === CR) return Buffer.from(bytes.slice(0, -1)).toString('latin1');
      bytes.push(byte);
      if (bytes.length > maxBytes + 1) {
        throw new ObjectError(
          'InvalidRequest',
          400,
          'The body is not well-formed aws-chunked: a line is too long.',
        );
      }
    }
  }

  /** The next `count` bytes, in pieces. */
  async *take(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0) await this.#fill();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #byte(): Promise<number> {
    while (this.#rest.length === 0) await this.#fill();
    const byte = this.#rest[0] as number;
    this.#rest = this.#rest.subarray(1);
    return byte;
  }

  async #fill(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw new ObjectError('IncompleteBody', 400, 'The body ended before its last chunk.');
    this.#rest = value;
  }
}
