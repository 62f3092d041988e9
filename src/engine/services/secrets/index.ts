import type { Handlers, InputOf, Scope, Service } from '../../service.ts';
import { invalidParameter } from './exceptions.ts';
import { pageOf } from './listing.ts';
import {
  isGiven,
  refuseDeleted,
  type SecretRow,
  type SecretStore,
  type Value,
  versionOf,
} from './secret-store.ts';
import { CURRENT, stagesById } from './versions.ts';

const DAY_MS = 24 * 3600 * 1000;
const DEFAULT_WINDOW_DAYS = 30;

/** Enough of Secrets Manager to keep what browsers name: passwords of proxies, and certificates. */
export function createSecretsManager(secrets: SecretStore): Service {
  const handlers: Handlers<'secrets'> = {
    async CreateSecret(input, scope) {
      if (input.AddReplicaRegions?.length)
        throw invalidParameter('The local engine does not replicate secrets; leave AddReplicaRegions out.');
      const { Name = '', Description, KmsKeyId, Tags } = input;
      const given = { name: Name, description: Description, kmsKeyId: KmsKeyId, tags: Tags };
      return withVersion(secrets.create(scope, given, givenValue(input), input.ClientRequestToken));
    },

    async PutSecretValue(input, scope) {
      const value = givenValue(input);
      if (!isGiven(value)) throw invalidParameter('You must provide either SecretString or SecretBinary.');
      const { VersionStages = [CURRENT], ClientRequestToken } = input;
      const before = secrets.get(scope, input.SecretId ?? '');
      const row = secrets.put(scope, before, value, VersionStages, ClientRequestToken);
      const version = row.versions.find(({ id }) => id === ClientRequestToken) ?? row.versions.at(-1);
      return { ...naming(row), VersionId: version?.id, VersionStages: [...(version?.stages ?? [])] };
    },

    async UpdateSecret(input, scope) {
      const before = secrets.get(scope, input.SecretId ?? '');
      refuseDeleted(before);
      const { Description = before.description, KmsKeyId = before.kmsKeyId } = input;
      const value = givenValue(input);
      const row = { ...before, description: Description, kmsKeyId: KmsKeyId };
      if (!isGiven(value)) return naming(secrets.save(scope, row));
      return withVersion(secrets.put(scope, row, value, [CURRENT], input.ClientRequestToken));
    },

    async GetSecretValue({ SecretId = '', VersionId, VersionStage }, scope) {
      const row = secrets.get(scope, SecretId);
      refuseDeleted(row);
      const version = versionOf(row, { id: VersionId, stage: VersionStage });
      const { text, bytes } = secrets.open(row, version);
      return {
        ...naming(row),
        VersionId: version.id,
        VersionStages: [...version.stages],
        CreatedDate: new Date(version.createdAt),
        ...(bytes ? { SecretBinary: bytes } : { SecretString: text }),
      };
    },

    async DescribeSecret({ SecretId = '' }, scope) {
      const row = secrets.get(scope, SecretId);
      return { ...describe(row), VersionIdsToStages: stagesById(row.versions) };
    },

    async ListSecrets(input, scope) {
      const { items, nextToken } = pageOf(secrets.all(scope), input);
      const SecretList = items.map((row) => ({
        ...describe(row),
        SecretVersionsToStages: stagesById(row.versions),
      }));
      return { SecretList, NextToken: nextToken };
    },

    async DeleteSecret(input, scope) {
      return remove(scope, input);
    },

    async RestoreSecret({ SecretId = '' }, scope) {
      return naming(secrets.save(scope, { ...secrets.get(scope, SecretId), deletion: undefined }));
    },
  };

  function remove(scope: Scope, input: InputOf<'DeleteSecret', 'secrets'>) {
    const { SecretId = '', ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: days } = input;
    if (force && days !== undefined)
      throw invalidParameter('RecoveryWindowInDays and ForceDeleteWithoutRecovery cannot be given together.');
    if (days !== undefined && (days < 7 || days > 30))
      throw invalidParameter(`RecoveryWindowInDays is ${days}; it must be from 7 to 30.`);
    if (force) {
      const row = secrets.find(scope, SecretId);
      if (row) secrets.remove(scope, row);
      return { ...(row ? naming(row) : { Name: SecretId }), DeletionDate: new Date(secrets.now()) };
    }
    const row = secrets.get(scope, SecretId);
    refuseDeleted(row);
    const deletion = secrets.now() + (days ?? DEFAULT_WINDOW_DAYS) * DAY_MS;
    return { ...naming(secrets.save(scope, { ...row, deletion })), DeletionDate: new Date(deletion) };
  }

  return {
    handlers: { secrets: handlers },
    live: () => 0,
    sweep: () => secrets.sweep(),
    close: async () => {},
  };
}

/** @throws InvalidParameterException where both are given. */
function givenValue({
  SecretString,
  SecretBinary,
}: {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}): Value {
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw invalidParameter('You can not specify both SecretString and SecretBinary.');
  return { text: SecretString, bytes: SecretBinary };
}

const naming = ({ arn, name }: SecretRow) => ({ ARN: arn, Name: name });

/** With the version that was made last. */
const withVersion = (row: SecretRow) => ({ ...naming(row), VersionId: row.versions.at(-1)?.id });

function describe(row: SecretRow) {
  return {
    ...naming(row),
    Description: row.description,
    KmsKeyId: row.kmsKeyId,
    Tags: row.tags,
    CreatedDate: new Date(row.createdAt),
    LastChangedDate: new Date(row.changedAt),
    DeletedDate: row.deletion === undefined ? undefined : new Date(row.deletion),
  };
}
