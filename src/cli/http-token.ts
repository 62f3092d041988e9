import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { prepareDataDir } from '../engine/process/data-dir.ts';
import { keptPrivately, type PrivateText } from '../platform/private-file.ts';

const TOKEN_BYTES = 24;

const madeToken: PrivateText = {
  what: 'token',
  make: () => randomBytes(TOKEN_BYTES).toString('base64url'),
  isWhole: (text) => text !== '',
};

/** Where the token is kept that is made when none is configured. */
export const tokenFile = ({ dataDir }: Pick<Config, 'dataDir'>) => join(dataDir, 'http.token');

/**
 * The token HTTP clients must send: the configured one, otherwise the one of the data directory, which is made on first
 * use and readable by its owner only. undefined with `--allow-unauthenticated`.
 * @throws Error when the data directory or the file of the token cannot be used.
 */
export function httpToken(config: Config): string | undefined {
  if (config.allowUnauthenticated) return undefined;
  if (config.bearerToken) return config.bearerToken;
  prepareDataDir(config.dataDir);
  return keptPrivately(tokenFile(config), madeToken);
}
