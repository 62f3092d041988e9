/** Ids that stand for no text. */
const UNKNOWN = 0;
const BEGIN = 1;
const END = 2;
const SPACE = '\u2581';
const LONGEST_PIECE = 16;
/** How much worse than the worst piece a character is that is in none. */
const UNKNOWN_PENALTY = 10;

/** What SentencePiece leaves out, and what it takes for a space, before it normalizes. */
const nothing = /[^\P{Cc}\s]/gu;
const spaces = /[\s\u200b-\u200f\u2581\ufffd]+/g;

/** Cuts texts into the pieces that the model knows, as SentencePiece's unigram model does. */
export class Pieces {
  readonly #ids = new Map<string, number>();
  readonly #scores: number[] = [];
  readonly #unknownScore: number;

  /** @param vocabulary A model of SentencePiece. */
  constructor(vocabulary: Buffer) {
    let worst = 0;
    for (const [field, piece] of fieldsOf(vocabulary)) {
      if (field !== 1) continue;
      const [text, score] = pieceOf(piece);
      this.#ids.set(text, this.#scores.length);
      this.#scores.push(score);
      worst = Math.min(worst, score);
    }
    this.#unknownScore = worst - UNKNOWN_PENALTY;
  }

  /** The ids of a text's pieces, between those for its begin and its end. */
  encode(text: string): number[] {
    const plain = text.replace(nothing, '').replace(spaces, ' ').normalize('NFKC').trim();
    if (plain === '') return [BEGIN, UNKNOWN, END];
    return [BEGIN, ...this.#likeliest(SPACE + plain.replace(/ +/g, SPACE)), END];
  }

  /** Of all ways to cut a text the one with the best sum of scores, found from left to right. */
  #likeliest(text: string): number[] {
    const best = new Float64Array(text.length + 1).fill(Number.NEGATIVE_INFINITY);
    const from = new Int32Array(text.length + 1);
    const ids = new Int32Array(text.length + 1);
    best[0] = 0;
    const offer = (start: number, end: number, id: number, score: number) => {
      const sum = (best[start] as number) + score;
      if (sum <= (best[end] as number)) return;
      best[end] = sum;
      from[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < text.length; start++) {
      if (best[start] === Number.NEGATIVE_INFINITY) continue;
      const single = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1);
      let known = false;
      for (let end = start + 1; end <= Math.min(start + LONGEST_PIECE, text.length); end++) {
        const id = this.#ids.get(text.slice(start, end));
        if (id === undefined) continue;
        offer(start, end, id, this.#scores[id] as number);
        known ||= end === single;
      }
      if (!known) offer(start, single, UNKNOWN, this.#unknownScore);
    }
    const found: number[] = [];
    for (let end = text.length; end > 0; end = from[end] as number) found.push(ids[end] as number);
    return found.reverse();
  }
}

function pieceOf(message: Buffer): [text: string, score: number] {
  let text = '';
  let score = 0;
  for (const [field, value] of fieldsOf(message)) {
    if (field === 1) text = value.toString();
    else if (field === 2) score = value.readFloatLE();
  }
  return [text, score];
}

/** The fields of a message of protocol buffers, with the bytes of each. */
function* fieldsOf(message: Buffer): Iterable<[field: number, value: Buffer]> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const start = at;
    const kind = tag & 7;
    if (kind === 0) varint();
    const size = kind === 2 ? varint() : kind === 5 ? 4 : kind === 1 ? 8 : 0;
    const value = kind === 0 ? message.subarray(start, at) : message.subarray(at, at + size);
    if (kind !== 0) at += size;
    yield [tag >> 3, value];
  }
}
