import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserExtension } from '@aws-sdk/client-bedrock-agentcore';
import type { Call } from '../../service.ts';
import { ArtifactError } from '../artifacts/artifact-error.ts';
import { download } from '../artifacts/download.ts';
import { openToAll } from '../artifacts/tree.ts';
import { unzip } from '../artifacts/unzip.ts';
import { invalid } from '../exceptions.ts';
import type { ObjectSource } from '../objects/objects.ts';
import { openUpload } from './uploads.ts';

const MB = 1024 ** 2;
/** AWS's limit for the zip of an extension; what it may become is the engine's own. */
const MAX_ZIP_BYTES = 10 * MB;
const LIMITS = { bytes: 100 * MB, entries: 10_000 };

/** The unpacked extensions of a session, in a folder of its own. */
export interface Unpacked {
  folders: readonly string[];
  remove(): Promise<void>;
}

/** Where the extensions of sessions are unpacked. */
export class Extensions {
  readonly #root: string;
  readonly #objects: ObjectSource;

  /** Removes what an earlier engine has left. */
  constructor(dataDir: string, objects: ObjectSource) {
    this.#root = join(dataDir, 'browser-extensions');
    this.#objects = objects;
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** @throws ValidationException that names the extension and what is wrong with it; nothing is left then. */
  async unpack(call: Call, extensions: readonly BrowserExtension[] = []): Promise<Unpacked> {
    const home = join(this.#root, randomUUID());
    const remove = () => rm(home, { recursive: true, force: true });
    try {
      const folders: string[] = [];
      for (const [index, extension] of extensions.entries())
        folders.push(await this.#unpackOne(call, extension, `extensions.${index}`, join(home, `${index}`)));
      return { folders, remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  async #unpackOne(call: Call, extension: BrowserExtension, member: string, home: string): Promise<string> {
    const place = extension.location?.s3;
    if (!place) throw invalid(`${member}.location`, 'An extension is read from S3 only.');
    const object = await openUpload(this.#objects, call, place, { member, what: 'extension' });
    const zip = join(home, 'extension.zip');
    const folder = join(home, 'extension');
    try {
      await mkdir(home, { recursive: true, mode: 0o700 });
      await download(object, zip, { maxBytes: MAX_ZIP_BYTES, signal: call.signal });
      await unzip(zip, folder, { limits: LIMITS, signal: call.signal });
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      throw invalid(member, `s3://${place.bucket}/${place.prefix}: ${error.message}`);
    } finally {
      object.body.destroy();
    }
    await checkManifest(member, folder);
    await openToAll(folder);
    return folder;
  }
}

async function checkManifest(member: string, folder: string): Promise<void> {
  try {
    const { manifest_version, name } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    if (typeof manifest_version === 'number' && typeof name === 'string') return;
  } catch {
    // It is told below.
  }
  throw invalid(
    member,
    'The zip is no extension: it needs a manifest.json, with name and manifest_version, that is in no folder.',
  );
}
