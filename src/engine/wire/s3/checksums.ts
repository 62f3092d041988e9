import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Computes a checksum bit by bit of the content. */
export interface Checksum {
  update(chunk: Uint8Array): void;
  /** In base64. */
  digest(): string;
}

/** A checksum by the name it has in `x-amz-checksum-<name>`; undefined for one that is not known here. */
export function newChecksum(name: string): Checksum | undefined {
  return makers.get(name)?.();
}

const makers: ReadonlyMap<string, () => Checksum> = new Map([
  ['crc32', () => runningCrc32((chunk, value) => crc32(chunk, value))],
  ['crc32c', () => runningCrc32(crc32c)],
  ['crc64nvme', () => new Crc64()],
  ...['md5', 'sha1', 'sha256', 'sha512'].map((name) => [name, () => digestOf(name)] as const),
]);

function digestOf(name: string): Checksum {
  const hash = createHash(name);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
}

function runningCrc32(next: (chunk: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update(chunk) {
      value = next(chunk, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes.toString('base64');
    },
  };
}

const BYTE_VALUES = 256;

const castagnoli = Uint32Array.from({ length: BYTE_VALUES }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function crc32c(chunk: Uint8Array, value: number): number {
  let crc = ~value;
  for (const byte of chunk) crc = (crc >>> 8) ^ (castagnoli[(crc ^ byte) & 0xff] as number);
  return ~crc;
}

const nvme = Array.from({ length: BYTE_VALUES }, (_, byte) => {
  let value = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
  return value;
});
const nvmeHigh = Uint32Array.from(nvme, (value) => Number(value >> 32n));
const nvmeLow = Uint32Array.from(nvme, (value) => Number(value & 0xffffffffn));

/** CRC-64/NVME in two halves, as numbers of 64 bits are slow. */
class Crc64 implements Checksum {
  #high = -1;
  #low = -1;

  update(chunk: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (const byte of chunk) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (nvmeLow[index] as number);
      high = (high >>> 8) ^ (nvmeHigh[index] as number);
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes.toString('base64');
  }
}
