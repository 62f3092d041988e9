import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  paginateListSecrets,
  RestoreSecretCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { beforeAll, expect, test } from 'vitest';
import { started } from '../../../support/engine.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { useEngine } from '../code-interpreter/support.ts';

const account = '123456789012';
const engine = useEngine();
const client = (owner = account) =>
  new SecretsManagerClient(engine.config(owner) as SecretsManagerClientConfig);
let secrets: SecretsManagerClient;
beforeAll(() => {
  secrets = client();
});
const get = (SecretId: string, more: { VersionId?: string; VersionStage?: string } = {}) =>
  secrets.send(new GetSecretValueCommand({ SecretId, ...more }));
const TOKEN = 'a'.repeat(32);

test('a secret is found by name and ARN, in its account only', async () => {
  const made = await secrets.send(new CreateSecretCommand({ Name: 'db/one-AbCdEf', SecretString: 'välue' }));
  expect(made.ARN).toMatch(
    /^arn:aws:secretsmanager:us-east-1:123456789012:secret:db\/one-AbCdEf-[A-Za-z0-9]{6}$/,
  );
  const { ARN = '', VersionId } = made;
  for (const id of ['db/one-AbCdEf', ARN, ARN.slice(0, -7)])
    expect(await get(id)).toMatchObject({
      ...{ ARN, VersionId, Name: 'db/one-AbCdEf', SecretString: 'välue', VersionStages: ['AWSCURRENT'] },
      CreatedDate: expect.any(Date),
    });
  const foreign = client('210987654321').send(new GetSecretValueCommand({ SecretId: ARN }));
  const lost = [foreign, get('none'), get(ARN, { VersionStage: 'AWSPREVIOUS' })];
  const name = 'ResourceNotFoundException';
  await Promise.all(lost.map((one) => expect(one).rejects.toMatchObject({ name })));
});

test('a new value becomes current, and the old one previous', async () => {
  const create = (SecretString: string) =>
    secrets.send(new CreateSecretCommand({ Name: 'turn', SecretString, ClientRequestToken: TOKEN }));
  const { VersionId: first = '' } = await create('1');
  expect((await create('1')).VersionId).toBe(first);
  await expect(create('2')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  const put = await secrets.send(
    new PutSecretValueCommand({ SecretId: 'turn', SecretBinary: Buffer.from([0, 255]) }),
  );
  expect(put.VersionStages).toEqual(['AWSCURRENT']);
  const { SecretBinary, SecretString } = await get('turn');
  expect([Buffer.from(SecretBinary ?? []), SecretString]).toEqual([Buffer.from([0, 255]), undefined]);
  expect(await get('turn', { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: '1' });
  const { VersionId: third = '' } = await secrets.send(
    new UpdateSecretCommand({ SecretId: 'turn', SecretString: '3', Description: 'now three' }),
  );
  expect(await secrets.send(new DescribeSecretCommand({ SecretId: 'turn' }))).toMatchObject({
    Description: 'now three',
    VersionIdsToStages: { [third]: ['AWSCURRENT'], [put.VersionId ?? '']: ['AWSPREVIOUS'] },
  });
  await expect(get('turn', { VersionId: first })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('secrets are listed page by page, by name and tags', async () => {
  const owner = client('210987654321');
  const Tags = [{ Key: 'team', Value: 'a' }];
  for (const Name of ['a1', 'a2', 'b1']) await owner.send(new CreateSecretCommand({ Name, Tags }));
  const names: (string | undefined)[] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client: owner, pageSize: 1 }, {}))
    names.push(...SecretList.map(({ Name }) => Name));
  expect(names).toEqual(['b1', 'a2', 'a1']);
  const found = async (...Values: string[]) => {
    const list = new ListSecretsCommand({ Filters: [{ Key: 'name', Values }], SortOrder: 'asc' });
    return (await owner.send(list)).SecretList?.map(({ Name }) => Name);
  };
  expect(await found('a')).toEqual(['a1', 'a2']);
  expect(await found('!a')).toEqual(['b1']);
  await expect(owner.send(new ListSecretsCommand({ NextToken: 'x' }))).rejects.toMatchObject({
    name: 'InvalidNextTokenException',
  });
});

test('a deleted secret comes back until it is removed at once', async () => {
  await secrets.send(new CreateSecretCommand({ Name: 'gone', SecretString: '1' }));
  const { DeletionDate } = await secrets.send(new DeleteSecretCommand({ SecretId: 'gone' }));
  expect(DeletionDate?.getTime()).toBeGreaterThan(Date.now() + 29 * 24 * 3600 * 1000);
  await expect(get('gone')).rejects.toMatchObject({ name: 'InvalidRequestException' });
  await secrets.send(new RestoreSecretCommand({ SecretId: 'gone' }));
  expect(await get('gone')).toMatchObject({ SecretString: '1' });
  await secrets.send(new DeleteSecretCommand({ SecretId: 'gone', ForceDeleteWithoutRecovery: true }));
  await expect(get('gone')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('values are encrypted where they are kept, and there for the next engine', async () => {
  const dataDir = temporaryDir();
  const first = await started({ dataDir });
  const config = { endpoint: first.url, region: 'us-east-1', credentials: first.credentials() };
  await new SecretsManagerClient(config).send(
    new CreateSecretCommand({ Name: 'kept', SecretString: 'find me if you can' }),
  );
  await first.close();
  expect(readFileSync(join(dataDir, 'engine.db')).includes('find me')).toBe(false);
  const second = await started({ dataDir });
  const again = new SecretsManagerClient({ ...config, endpoint: second.url });
  const kept = await again.send(new GetSecretValueCommand({ SecretId: 'kept' }));
  expect(kept.SecretString).toBe('find me if you can');
});
