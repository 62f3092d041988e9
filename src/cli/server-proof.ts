import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { prepareDataDir } from '../engine/process/data-dir.ts';
import { proofHeader } from '../engine/process/handshake.ts';
import { openKeys } from '../engine/process/keys.ts';
import { httpToken } from './http-token.ts';

type Place = Pick<Config, 'dataDir'>;

const ANSWER_MS = 1_000;

/**
 * How a server on HTTP shows those who can read its data directory which token it takes, without telling it: whoever
 * else answers on a port must not get the token. undefined where the data directory has no keys yet.
 */
export function serverProof({ dataDir }: Place, token = '') {
  return (nonce: string, port: number): string | undefined =>
    existsSync(join(dataDir, 'master.key'))
      ? openKeys(dataDir).prove('http', nonce, String(port), token)
      : undefined;
}

/** Whether a server listens at this address that takes the clients of a server with this configuration. */
export async function servesTheSame(origin: string, config: Config): Promise<boolean> {
  const token = httpToken(config);
  prepareDataDir(config.dataDir);
  const keys = openKeys(config.dataDir);
  const nonce = randomBytes(32).toString('hex');
  try {
    const url = `${origin}/healthz?nonce=${nonce}`;
    const { headers } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const proof = headers.get(proofHeader) ?? '';
    return keys.verify(proof, 'http', nonce, new URL(origin).port || '80', token ?? '');
  } catch {
    return false;
  }
}
