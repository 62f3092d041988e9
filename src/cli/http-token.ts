import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { prepareDataDir } from '../engine/process/data-dir.ts';

const TOKEN_BYTES = 24;

/** Where the token is kept that is made when none is configured. */
export const tokenFile = ({ dataDir }: Pick<Config, 'dataDir'>) => join(dataDir, 'http.token');

/**
 * The token HTTP clients must send: the configured one, otherwise the one of the data directory, which is made on first
 * use and readable by its owner only. undefined with `--allow-unauthenticated`.
 */
export function httpToken(config: Config): string | undefined {
  if (config.allowUnauthenticated) return undefined;
  if (config.bearerToken) return config.bearerToken;
  prepareDataDir(config.dataDir);
  const file = tokenFile(config);
  return keptToken(file) ?? makeToken(file);
}

function keptToken(file: string): string | undefined {
  try {
    const token = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
    return token || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Complete before it gets its name, so that servers starting at once agree on one. */
function makeToken(file: string): string {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, `${token}\n`, { mode: 0o600 });
  try {
    linkSync(aside, file);
    return token;
  } catch (error) {
    const kept = (error as NodeJS.ErrnoException).code === 'EEXIST' && keptToken(file);
    if (kept) return kept;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
