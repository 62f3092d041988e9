import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDiskLow } from '../../../../platform/disk-room.ts';
import type { Log } from '../../../log.ts';
import type { findInterpreter, Interpreter, RuntimeName } from '../../../sandbox/interpreters.ts';
import { SandboxError } from '../../../sandbox/sandbox.ts';
import { ArtifactError } from '../../artifacts/artifact-error.ts';
import { download } from '../../artifacts/download.ts';
import { filesBelow, openToAll } from '../../artifacts/tree.ts';
import { unzip } from '../../artifacts/unzip.ts';
import type { ObjectSource } from '../../objects/objects.ts';
import { checkEntryPoint } from './entry-point.ts';
import { makeFit } from './make-fit.ts';

export interface Preparation {
  /** The zip. */
  object: Awaited<ReturnType<ObjectSource['read']>>;
  runtime: RuntimeName;
  entryPoint: readonly string[];
  /** Where the code goes; what lies there is replaced. */
  folder: string;
  /** A folder that is not there yet, on the same disk; nothing is left of it. */
  scratch: string;
  /** Only the very version of the runtime will do. */
  strict: boolean;
  findInterpreter: typeof findInterpreter;
  log: Log;
  signal: AbortSignal;
}

export interface Prepared {
  /** What it will run on. */
  interpreter: Interpreter;
  /** Whether it has machine code for that version of the interpreter. */
  bound: boolean;
}

/**
 * Turns a zip into a folder of code that runs here: fetched, unpacked, checked, its wheels made to fit. The folder is there
 * complete or not at all.
 * @throws ArtifactError with the reason in words, or the signal's reason.
 */
export async function prepare(preparation: Preparation): Promise<Prepared> {
  const { object, runtime, entryPoint, folder, scratch, log, signal } = preparation;
  await mkdir(scratch, { recursive: true });
  try {
    if (await isDiskLow(scratch))
      throw new ArtifactError('The disk of the engine is almost full. Free some space, and try again.');
    const zip = join(scratch, 'code.zip');
    const root = join(scratch, 'code');
    await download(object, zip, { signal });
    await unzip(zip, root, { signal });
    const files = await filesBelow(root);
    checkEntryPoint(runtime, entryPoint, files);
    const interpreter = await interpreterFor(preparation);
    const bound = await makeFit({ root, files, scratch: join(scratch, 'wheels'), interpreter, log, signal });
    await openToAll(root);
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    await rename(root, folder);
    return { interpreter, bound };
  } finally {
    object.body.destroy();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function interpreterFor({ runtime, strict, ...preparation }: Preparation): Promise<Interpreter> {
  try {
    return await preparation.findInterpreter(runtime, { strict });
  } catch (error) {
    if (error instanceof SandboxError) throw new ArtifactError(error.message);
    throw error;
  }
}
