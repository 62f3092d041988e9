import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { prepareDataDir } from '../engine/process/data-dir.ts';
import { proofHeader } from '../engine/process/handshake.ts';
import { type Keys, openKeys } from '../engine/process/keys.ts';
import { httpToken } from './http-token.ts';

const ANSWER_MS = 1_000;

/**
 * How a server on HTTP shows those who can read its data directory which token it takes, without telling it: whoever
 * else answers on a port must not get the token. The headers of its answer; none where the data directory has no keys.
 */
export function serverProof({ dataDir }: Pick<Config, 'dataDir'>, token = '') {
  return (nonce: string, port: number): Record<string, string> => {
    const proof = existingKeys(dataDir)?.prove('http', nonce, String(port), token);
    return proof ? { [proofHeader]: proof } : {};
  };
}

const existingKeys = (dataDir: string): Keys | undefined =>
  existsSync(join(dataDir, 'master.key')) ? openKeys(dataDir) : undefined;

/** The engine makes the keys anyway; on AWS nobody else would. */
function keysOf({ backend, dataDir }: Config): Keys | undefined {
  if (backend === 'aws') return existingKeys(dataDir);
  prepareDataDir(dataDir);
  return openKeys(dataDir);
}

/**
 * Whether a server listens at this address that takes the clients of a server with this configuration. Also false when
 * that cannot be known: on AWS without the keys of a local engine, or with a data directory that cannot be used.
 */
export async function servesTheSame(origin: string, config: Config): Promise<boolean> {
  try {
    const keys = keysOf(config);
    if (!keys) return false;
    const token = httpToken(config);
    const nonce = randomBytes(32).toString('hex');
    const url = `${origin}/healthz?nonce=${nonce}`;
    const { headers } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const proof = headers.get(proofHeader) ?? '';
    return keys.verify(proof, 'http', nonce, new URL(origin).port || '80', token ?? '');
  } catch {
    return false;
  }
}
