import type { Lesson, Message } from '../extractor.ts';

/** So much of a conversation is read at once, in bytes of UTF-8: small models forget the beginning of longer ones. */
const PART_BYTES = 12_000;
const CONTEXT_BYTES = 3_000;

/** The new messages in parts that can be read at once, each with what came before it, as prompts. */
export function* partsOf({ context, messages }: Pick<Lesson, 'context' | 'messages'>): Iterable<string> {
  let earlier = [...context];
  for (const part of cut(messages)) {
    const before = last(earlier, CONTEXT_BYTES);
    yield [
      ...(before.length ? [fenced('earlier', before.map(line).join('\n'))] : []),
      fenced('conversation', part.map(line).join('\n')),
    ].join('\n\n');
    earlier = [...earlier, ...part];
  }
}

/** A text in an element that it cannot close. */
export function fenced(name: string, text: string): string {
  return `<${name}>\n${text}\n</${name}>`;
}

/** JSON in which no element can begin or end. */
export function inert(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function* cut(messages: readonly Message[]): Iterable<Message[]> {
  let part: Message[] = [];
  let bytes = 0;
  for (const message of messages.flatMap(pieces)) {
    const size = Buffer.byteLength(message.text);
    if (part.length && bytes + size > PART_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += size;
  }
  if (part.length) yield part;
}

/** A long message as several. */
function pieces(message: Message): Message[] {
  const { text } = message;
  if (Buffer.byteLength(text) <= PART_BYTES) return [message];
  // A character has at most three bytes for each of its UTF-16 units.
  const found = text.match(new RegExp(`.{1,${Math.floor(PART_BYTES / 4)}}`, 'gsu')) ?? [];
  return found.map((piece) => ({ ...message, text: piece }));
}

function last(messages: readonly Message[], most: number): Message[] {
  const found: Message[] = [];
  let bytes = 0;
  for (const message of messages.flatMap(pieces).reverse()) {
    bytes += Buffer.byteLength(message.text);
    if (bytes > most) break;
    found.unshift(message);
  }
  return found;
}

function line({ role, text, at }: Message): string {
  const day = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(at);
  return inert({ at: `${new Date(at).toISOString().slice(0, 16)}Z, ${day}`, role, text });
}
