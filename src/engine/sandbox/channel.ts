import type { Duplex } from 'node:stream';

/** The JSON part of a frame. */
export type Head = Record<string, unknown>;

const LENGTHS_SIZE = 8;

/** The largest JSON head read, in bytes: it carries a cell's rich outputs. */
const MAX_HEAD = 64 * 1024 ** 2;
/** The largest raw body read or written, in bytes: a file, or what a call printed. */
export const MAX_BODY = 1024 ** 3;

/** A frame: two big-endian lengths, the head as JSON, then the body as it is. */
export function encodeFrame(head: Head, body: Uint8Array = new Uint8Array()): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(LENGTHS_SIZE);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  return [Buffer.concat([lengths, text]), body];
}

/** Puts frames together from the pieces a stream delivers, without copying a piece more than once. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #size = 0;
  #lengths?: { head: number; body: number };

  /**
   * The frames that `chunk` completes.
   * @throws Error when the bytes are no frames, or a frame is larger than allowed.
   */
  *feed(chunk: Buffer): Generator<{ head: Head; body: Buffer }> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      this.#lengths ??= this.#readLengths();
      if (!this.#lengths || this.#size < this.#lengths.head + this.#lengths.body) return;
      const head = parseHead(this.#take(this.#lengths.head));
      const body = this.#take(this.#lengths.body);
      this.#lengths = undefined;
      yield { head, body };
    }
  }

  #readLengths() {
    if (this.#size < LENGTHS_SIZE) return undefined;
    const bytes = this.#take(LENGTHS_SIZE);
    const lengths = { head: bytes.readUInt32BE(0), body: bytes.readUInt32BE(4) };
    if (lengths.head > MAX_HEAD || lengths.body > MAX_BODY) throw new Error('a frame larger than allowed');
    return lengths;
  }

  #take(size: number): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(size)];
    this.#size -= size;
    return all.subarray(0, size);
  }
}

function parseHead(text: Buffer): Head {
  const head: unknown = JSON.parse(text.toString());
  if (typeof head !== 'object' || head === null) throw new Error('a frame whose head is no object');
  return head as Head;
}

/** Frames over a stream, in both directions. */
export class Channel {
  readonly #stream: Duplex;

  /** `onFrame` gets each frame; `onEnd` is called once, with the reason, when no more can come. */
  constructor(stream: Duplex, onFrame: (head: Head, body: Buffer) => void, onEnd: (reason: string) => void) {
    this.#stream = stream;
    const decoder = new FrameDecoder();
    stream.on('data', (chunk: Buffer) => {
      try {
        for (const { head, body } of decoder.feed(chunk)) onFrame(head, body);
      } catch (error) {
        stream.destroy();
        onEnd(`its supervisor sent ${(error as Error).message}`);
      }
    });
    stream.on('error', () => {});
    stream.on('close', () => onEnd('its supervisor hung up'));
  }

  send(head: Head, body?: Uint8Array): void {
    for (const part of encodeFrame(head, body)) if (part.length > 0) this.#stream.write(part);
  }

  close(): void {
    this.#stream.destroy();
  }
}
