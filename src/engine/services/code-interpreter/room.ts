import type { ContentBlock } from '@aws-sdk/client-bedrock-agentcore';

/** The largest event that the AWS SDKs take: botocore refuses a payload of more than 24 MiB. */
const MAX_EVENT_BYTES = 24 * 1024 * 1024;
/** For all of an answer but its contents. */
const FRAME_BYTES = 64 * 1024;
/** For a block but its contents. */
const BLOCK_BYTES = 256;

const ANSWER_BYTES = MAX_EVENT_BYTES - FRAME_BYTES;
/** Of each of stdout and stderr, which stand in an answer twice, so that there is room for figures. */
const TEXT_BYTES = Math.floor(ANSWER_BYTES / 5);

/** How much of an answer is left, counted as the JSON it becomes. */
export class Room {
  #left = ANSWER_BYTES;

  /** In bytes. */
  get left(): number {
    return this.#left;
  }

  /** Takes the room of a block. @returns false, with nothing taken, where there is not enough. */
  take(block: ContentBlock): boolean {
    const size = blockSize(block);
    if (size > this.#left) return false;
    this.#left -= size;
    return true;
  }
}

function blockSize({ text = '', uri = '', data, resource }: ContentBlock): number {
  const texts = [text, uri, resource?.text ?? '', resource?.uri ?? ''];
  const blobs = [data, resource?.blob].map((blob) => Math.ceil((blob?.length ?? 0) / 3) * 4);
  return [BLOCK_BYTES, ...texts.map(jsonSize), ...blobs].reduce((sum, size) => sum + size);
}

/** The beginning of a text that always fits, and how many bytes of UTF-8 that leaves out. */
export function clip(text: string): { text: string; droppedBytes: number } {
  let kept = text;
  for (let size = jsonSize(kept); size > TEXT_BYTES; size = jsonSize(kept))
    kept = kept.slice(0, Math.floor((kept.length * TEXT_BYTES) / size)).toWellFormed();
  return { text: kept, droppedBytes: Buffer.byteLength(text) - Buffer.byteLength(kept) };
}

function jsonSize(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
