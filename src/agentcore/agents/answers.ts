import { readableBytes } from '../api/answer.ts';

/** What of an answer is read; the renderer shows less, and keeps the rest readable. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Of what has come so far, told while more is waited for. */
const TOLD_CHARACTERS = 300;

/** An agent's answer as a model can read it: a text, JSON, or the size of what is neither. */
export interface AgentAnswer {
  answer: unknown;
  note?: string;
}

/**
 * Reads an agent's answer to its end. Of a stream of events, the texts among the data are joined; where there are other
 * values, they are listed.
 */
export async function readAnswer(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  progress: (message: string) => void,
): Promise<AgentAnswer> {
  const [type = ''] = contentType.toLowerCase().split(';');
  if (type.trim() === 'text/event-stream') return readEvents(body, progress);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (size + chunk.byteLength > MAX_BYTES)
      return { answer: readableBytes(Buffer.concat(chunks)), note: cutNote(size) };
    chunks.push(chunk);
    size += chunk.byteLength;
  }
  const content = readableBytes(Buffer.concat(chunks));
  return { answer: typeof content === 'string' ? parsed(content) : { type, ...(content as object) } };
}

const cutNote = (size: number) => `The answer goes on after ${size} bytes; the rest was not read.`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, exactly as Reviver);
  } catch {
    return text;
  }
}

type Reviver = Parameters<typeof JSON.parse>[1];

/** Whole numbers that JavaScript cannot hold, such as ids of 64 bits, stay as they were written, in a text. */
function exactly(_name: string, value: unknown, { source = '' }: { source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
}

async function readEvents(
  body: AsyncIterable<Uint8Array>,
  progress: (message: string) => void,
): Promise<AgentAnswer> {
  const decoder = new EventDecoder();
  const values: unknown[] = [];
  let size = 0;
  const tail = new Tail();
  let note: string | undefined;
  for await (const chunk of body) {
    size += chunk.byteLength;
    const fresh = decoder.push(chunk).map(parsed);
    values.push(...fresh);
    for (const value of fresh) tail.add(typeof value === 'string' ? value : `${JSON.stringify(value)} `);
    if (fresh.length > 0) progress(`so far: ${tail.text}`);
    if (size <= MAX_BYTES) continue;
    note = cutNote(size);
    break;
  }
  values.push(...decoder.end().map(parsed));
  return { answer: joined(values), note };
}

/** The end of a growing text, on one line. */
class Tail {
  #text = '';
  #isCut = false;

  add(more: string): void {
    this.#text = `${this.#text}${more}`.replace(/\s+/g, ' ');
    if (this.#text.trim().length <= TOLD_CHARACTERS) return;
    this.#text = this.#text.slice(-TOLD_CHARACTERS);
    this.#isCut = true;
  }

  get text(): string {
    return `${this.#isCut ? '…' : ''}${this.#text.trim()}`;
  }
}

/** Texts as one text; with anything else among them, neighbouring texts as one entry each. */
function joined(values: readonly unknown[]): unknown {
  const entries: unknown[] = [];
  for (const value of values) {
    const last = entries.at(-1);
    if (typeof value === 'string' && typeof last === 'string') entries[entries.length - 1] = last + value;
    else entries.push(value);
  }
  return entries.length === 1 ? entries[0] : entries.length === 0 ? '' : entries;
}

/** The data of server-sent events, whatever the pieces in which they come. */
export class EventDecoder {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #data: string[] = [];

  push(chunk: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Data whose event was not ended, which some servers leave out. */
  end(): string[] {
    return [...this.#take(`${this.#decoder.decode()}\n`), ...this.#take('\n')];
  }

  #take(text: string): string[] {
    this.#rest += text;
    // The line feed of a carriage return at the end may still come.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events: string[] = [];
    for (const line of lines) {
      if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
      if (line !== '' || this.#data.length === 0) continue;
      events.push(this.#data.join('\n'));
      this.#data = [];
    }
    return events;
  }
}
