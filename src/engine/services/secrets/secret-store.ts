import { randomBytes, randomUUID } from 'node:crypto';
import type { Tag } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../../clock.ts';
import type { Scope } from '../../service.ts';
import type { Seal } from '../../store/seal.ts';
import type { Documents, Store } from '../../store/store.ts';
import { alreadyExists, invalidRequest, limitExceeded, notFound } from './exceptions.ts';
import { CURRENT, type Version, withVersion } from './versions.ts';

/** The engine's own; AWS has 500,000. */
const MAX_SECRETS = 1_000;
const SUFFIX_LENGTH = 6;

export interface SecretRow {
  name: string;
  arn: string;
  description?: string | undefined;
  kmsKeyId?: string | undefined;
  tags?: Tag[] | undefined;
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number;
  changedAt: number;
  /** When it goes, once it is to be deleted. */
  deletion?: number | undefined;
  versions: readonly Version[];
}

/** A value as it is given: text or bytes. */
export interface Value {
  text?: string | undefined;
  bytes?: Uint8Array | undefined;
}

/** The secrets of accounts. Their values are encrypted. */
export class SecretStore {
  readonly #rows: Documents<SecretRow>;
  readonly #seal: Seal;
  readonly #clock: Clock;

  constructor({ store, seal, clock }: { store: Store; seal: Seal; clock: Clock }) {
    this.#rows = store.documents('secret');
    this.#seal = seal;
    this.#clock = clock;
    this.sweep();
  }

  now(): number {
    return this.#clock.now();
  }

  /** By name, ARN, or ARN without the six characters at its end. @throws ResourceNotFoundException */
  get(scope: Scope, id: string): SecretRow {
    const row = this.find(scope, id);
    if (row) return row;
    throw notFound(`Secrets Manager can't find the specified secret: ${id}.`);
  }

  find(scope: Scope, id: string): SecretRow | undefined {
    const prefix = arnPrefix(scope);
    if (!id.startsWith('arn:')) return this.#rows.get(scope, id);
    if (!id.startsWith(prefix)) return undefined;
    const name = id.slice(prefix.length);
    const whole = this.#rows.get(scope, name.slice(0, -SUFFIX_LENGTH - 1));
    return whole?.arn === id ? whole : this.#rows.get(scope, name);
  }

  /** Oldest last. */
  all(scope: Scope): SecretRow[] {
    return this.#rows.list(scope, { maxResults: MAX_SECRETS }).items;
  }

  /**
   * Made again with the same token and value, it is the one that is there.
   * @throws ResourceExistsException, LimitExceededException; InvalidRequestException for one that is to be deleted.
   */
  create(
    scope: Scope,
    given: Pick<SecretRow, 'name' | 'description' | 'kmsKeyId' | 'tags'>,
    value: Value,
    token?: string,
  ): SecretRow {
    const there = this.#rows.get(scope, given.name);
    if (there) {
      refuseDeleted(there);
      if (token !== undefined && this.#isOf(there, token, value)) return there;
      throw alreadyExists(`The operation failed because the secret ${given.name} already exists.`);
    }
    if (this.all(scope).length >= MAX_SECRETS)
      throw limitExceeded(`There are ${MAX_SECRETS} secrets, as many as an account may have. Delete some.`);
    const now = this.#clock.now();
    const arn = `${arnPrefix(scope)}${given.name}-${newSuffix()}`;
    const row = { ...given, arn, createdAt: now, changedAt: now, versions: [] };
    return isGiven(value) ? this.put(scope, row, value, [CURRENT], token) : this.save(scope, row);
  }

  /**
   * Gives a secret a new value; given again with the same token, that changes nothing.
   * @throws ResourceExistsException for a token that another value has.
   */
  put(scope: Scope, row: SecretRow, value: Value, stages: readonly string[], token?: string): SecretRow {
    refuseDeleted(row);
    const id = token ?? randomUUID();
    if (row.versions.some((version) => version.id === id)) {
      if (this.#isOf(row, id, value)) return row;
      throw alreadyExists(`A version ${id} of the secret ${row.name} exists already, with another value.`);
    }
    const content = value.bytes ?? Buffer.from(value.text ?? '');
    const sealed = this.#seal.close(nameOf(row, id), content).toString('base64');
    const binary = value.bytes !== undefined;
    const version = { id, createdAt: this.#clock.now(), stages, sealed, binary };
    return this.save(scope, { ...row, versions: withVersion(row.versions, version) });
  }

  /** Keeps a changed row. */
  save(scope: Scope, row: SecretRow): SecretRow {
    const changed = { ...row, changedAt: this.#clock.now() };
    this.#rows.put(scope, row.name, changed);
    return changed;
  }

  /** @throws InvalidRequestException for one that is to be deleted. */
  open(row: SecretRow, { id, sealed, binary }: Version): Value {
    refuseDeleted(row);
    const content = this.#seal.open(nameOf(row, id), Buffer.from(sealed, 'base64'));
    return binary ? { bytes: content } : { text: String(content) };
  }

  /** The text of the current value, or what its bytes are in UTF-8. @throws ResourceNotFoundException, InvalidRequestException */
  text(scope: Scope, id: string): string {
    const row = this.get(scope, id);
    const { text, bytes } = this.open(row, versionOf(row, {}));
    return text ?? Buffer.from(bytes ?? []).toString();
  }

  remove(scope: Scope, { name }: SecretRow): void {
    this.#rows.delete(scope, name);
  }

  /** Removes those whose time has come. */
  sweep(): void {
    for (const { scope, document } of this.#rows.all())
      if (document.deletion !== undefined && document.deletion <= this.#clock.now())
        this.remove(scope, document);
  }

  #isOf(row: SecretRow, id: string, value: Value): boolean {
    const version = row.versions.find((one) => one.id === id);
    if (!version) return !isGiven(value) && row.versions.length === 0;
    const { text, bytes } = this.open(row, version);
    return text === value.text && Buffer.from(bytes ?? []).equals(value.bytes ?? Buffer.alloc(0));
  }
}

/** @throws ResourceNotFoundException */
export function versionOf(
  { versions }: SecretRow,
  {
    id,
    stage = id === undefined ? CURRENT : undefined,
  }: { id?: string | undefined; stage?: string | undefined },
): Version {
  const found = versions.find(
    (version) =>
      (id === undefined || version.id === id) && (stage === undefined || version.stages.includes(stage)),
  );
  if (found) return found;
  const what = stage === undefined ? `VersionId: ${id}` : `staging label: ${stage}`;
  throw notFound(`Secrets Manager can't find the specified secret value for ${what}.`);
}

export const isGiven = ({ text, bytes }: Value) => text !== undefined || bytes !== undefined;

/** @throws InvalidRequestException */
export function refuseDeleted({ name, deletion }: SecretRow): void {
  if (deletion === undefined) return;
  throw invalidRequest(
    `The secret ${name} is marked for deletion. RestoreSecret brings it back; DeleteSecret with ForceDeleteWithoutRecovery removes it at once.`,
  );
}

const arnPrefix = ({ account, region }: Scope) => `arn:aws:secretsmanager:${region}:${account}:secret:`;

const nameOf = ({ arn }: SecretRow, version: string) => `${arn}/${version}`;

/** Six letters and digits. */
function newSuffix(): string {
  const letters = randomBytes(64)
    .toString('base64')
    .replaceAll(/[^A-Za-z0-9]/g, '');
  return letters.slice(0, SUFFIX_LENGTH);
}
