import type { ContentBlock } from '@aws-sdk/client-bedrock-agentcore';

/** The largest event that the AWS SDKs take: botocore refuses a payload of more than 24 MiB. */
const MAX_EVENT_BYTES = 24 * 1024 * 1024;
/** For all of an answer but its contents. */
const FRAME_BYTES = 64 * 1024;
/** For what joins a block to others. */
const BLOCK_BYTES = 64;

const ANSWER_BYTES = MAX_EVENT_BYTES - FRAME_BYTES;
/** Of each of stdout and stderr, which stand in an answer twice, so that there is room for figures. */
const TEXT_BYTES = Math.floor(ANSWER_BYTES / 5);

/** How much of an answer is left, counted as the JSON it becomes. */
export class Room {
  #left = ANSWER_BYTES;

  /** How many bytes a file may have that is to fit in. */
  get forFile(): number {
    return Math.max(0, Math.floor(((this.#left - FRAME_BYTES) / 4) * 3));
  }

  /** Takes the room of a block. @returns false, with nothing taken, where there is not enough. */
  take(block: ContentBlock): boolean {
    const size = blockSize(block);
    if (size > this.#left) return false;
    this.#left -= size;
    return true;
  }
}

function blockSize({ data, resource, ...block }: ContentBlock): number {
  const { blob, ...texts } = resource ?? {};
  const base64 = [data, blob].map((bytes) => Math.ceil((bytes?.length ?? 0) / 3) * 4);
  return [BLOCK_BYTES, jsonSize(block), jsonSize(texts), ...base64].reduce((sum, size) => sum + size);
}

/** The beginning of a text that always fits, and how many bytes of UTF-8 that leaves out. */
export function clip(text: string): { text: string; droppedBytes: number } {
  let kept = text;
  for (let size = jsonSize(kept); size > TEXT_BYTES; size = jsonSize(kept))
    kept = kept.slice(0, Math.floor((kept.length * TEXT_BYTES) / size)).toWellFormed();
  return { text: kept, droppedBytes: Buffer.byteLength(text) - Buffer.byteLength(kept) };
}

function jsonSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
