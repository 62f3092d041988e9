import type { IncomingMessage } from 'node:http';
import { WireError } from './errors.ts';

/** A body that stands still this long is given up, in milliseconds. */
export const IDLE_MS = 30_000;

/** Room for the bodies of callers who have not proved yet who they are, all together. */
export class Allowance {
  #left: number;

  /** In bytes. */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @returns false, with nothing taken, where there is not enough. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

export interface BodyOptions {
  /** Half a minute unless told otherwise, in milliseconds. */
  idleMs?: number;
  /** Where the body takes its room from until it is complete. */
  allowance?: Allowance | undefined;
}

/**
 * Reads a request's body. What comes after a refusal is read and dropped, so that the client gets to see the answer.
 *
 * @throws WireError 413 over `maxBytes`, 503 over the allowance, 408 when nothing came for `idleMs`, 400 when the client
 * went away.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  { idleMs = IDLE_MS, allowance }: BodyOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let taken = 0;
    const finish = (act: () => void) => {
      clearTimeout(idle);
      allowance?.giveBack(taken);
      request.off('data', onData).off('end', onEnd).off('close', onClose).resume();
      act();
    };
    const refuse = (code: string, status: number, message: string) =>
      finish(() => reject(new WireError(code, status, message)));
    const tooLarge = () =>
      refuse('RequestEntityTooLargeException', 413, `The body is larger than ${maxBytes} bytes.`);
    const tooMany = () =>
      refuse(
        'ServiceUnavailableException',
        503,
        'Too much is being sent by callers whose signature cannot be checked yet. Try again, or state x-amz-content-sha256.',
      );
    const onData = (chunk: Buffer) => {
      idle.refresh();
      size += chunk.length;
      if (size > maxBytes) return tooLarge();
      if (allowance && !allowance.take(chunk.length)) return tooMany();
      taken += chunk.length;
      chunks.push(chunk);
    };
    const onEnd = () => finish(() => resolve(Buffer.concat(chunks, size)));
    const onClose = () =>
      refuse('RequestAbortedException', 400, 'The connection closed before the body was complete.');
    const idle = setTimeout(
      () => refuse('RequestTimeoutException', 408, `No part of the body came for ${idleMs / 1000} seconds.`),
      idleMs,
    );
    // A connection that breaks also closes, which is where it is dealt with.
    request.on('error', () => {});
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) tooLarge();
    else request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
