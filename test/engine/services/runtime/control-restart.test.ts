import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { expect, test } from 'vitest';
import type { ObjectSource } from '../../../../src/engine/services/objects/objects.ts';
import { until } from '../../../support/engine.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { account, agent, ControlEngine, code, roleArn } from './control-engine.ts';
import { zipOf } from './control-zips.ts';

/** A store elsewhere that begins to answer and then says nothing more. */
const endless = (own: ObjectSource): ObjectSource => ({
  async read(...which) {
    const { info, body } = await own.read(...which);
    body.destroy();
    return { info, body: new PassThrough() };
  },
});

test('what was being prepared when the engine stopped is prepared by the next one', async () => {
  const dataDir = temporaryDir();
  const first = await ControlEngine.started({ dataDir, objects: endless });
  await first.upload('echo.zip', await zipOf({ 'main.py': '' }));
  const id = await first.create('stuck');
  const { status } = await first.client.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }));
  expect(status).toBe('CREATING');

  for (const begun of [
    new UpdateAgentRuntimeCommand({ agentRuntimeId: id, ...agent() }),
    new DeleteAgentRuntimeCommand({ agentRuntimeId: id }),
  ]) {
    await expect(first.client.send(begun as never)).rejects.toMatchObject({ name: 'ConflictException' });
  }
  expect(first.control.live()).toBe(1);
  await first.close();

  const second = await ControlEngine.started({ dataDir });
  expect(await second.settled(id)).toMatchObject({ status: 'READY', agentRuntimeVersion: '1' });
  expect(readdirSync(join(dataDir, 'runtimes', account, 'us-east-1', id))).toEqual(['1']);
});

test('where the zip is gone meanwhile it has failed, and says so', async () => {
  const dataDir = temporaryDir();
  const first = await ControlEngine.started({ dataDir, objects: endless });
  await first.upload('echo.zip', await zipOf({ 'main.py': '' }));
  const id = await first.create('lost');
  await first.close();

  const gone = (own: ObjectSource): ObjectSource => ({
    read: (scope, bucket) => own.read(scope, bucket, 'gone.zip'),
  });
  const second = await ControlEngine.started({ dataDir, objects: gone });
  expect(await second.settled(id)).toMatchObject({
    status: 'CREATE_FAILED',
    failureReason: expect.stringContaining('no object "gone.zip"'),
  });
});

test('a deletion that was cut off goes on, and code that belongs to nothing goes', async () => {
  const dataDir = temporaryDir();
  const never = new Promise<void>(() => {});
  const first = await ControlEngine.started({ dataDir, sessions: { end: () => never } });
  await first.upload('echo.zip', await zipOf({ 'main.py': '' }));
  const id = await first.ready('leaving');
  const other = await first.ready('staying', { roleArn });
  await first.client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
  expect(await first.client.send(new GetAgentRuntimeCommand({ agentRuntimeId: id }))).toMatchObject({
    status: 'DELETING',
  });
  await expect(
    first.client.send(new UpdateAgentRuntimeCommand({ agentRuntimeId: id, ...agent() })),
  ).rejects.toMatchObject({ name: 'ConflictException' });
  await first.close();

  const region = join(dataDir, 'runtimes', account, 'us-east-1');
  mkdirSync(join(region, 'nobody-0123456789', '1'), { recursive: true });
  mkdirSync(join(dataDir, 'runtimes', 'scratch', 'half-made'), { recursive: true });
  writeFileSync(join(dataDir, 'runtimes', 'scratch', 'half-made', 'code.zip'), 'half');
  const second = await ControlEngine.started({ dataDir });
  await until(() => !existsSync(join(region, id)) && !existsSync(join(region, 'nobody-0123456789', '1')));
  await until(() =>
    second.client.send(new GetAgentRuntimeCommand({ agentRuntimeId: id })).then(
      () => false,
      (error) => error.name === 'ResourceNotFoundException',
    ),
  );
  expect(existsSync(join(dataDir, 'runtimes', 'scratch', 'half-made'))).toBe(false);
  expect(await second.settled(other)).toMatchObject({ status: 'READY' });
  expect(existsSync(join(region, other, '1', 'main.py'))).toBe(true);
});

test('a deletion that fails can be tried again', async () => {
  let broken = true;
  const end = async () => {
    if (broken) throw new Error('the sessions do not end');
  };
  const running = await ControlEngine.started({ sessions: { end } });
  await running.upload('echo.zip', await zipOf({ 'main.py': '' }));
  const id = await running.ready('sticky');
  await running.client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
  expect(await running.settled(id)).toMatchObject({
    status: 'DELETE_FAILED',
    failureReason: expect.stringContaining('the sessions do not end'),
  });
  broken = false;
  await running.client.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: id }));
  await until(() =>
    running.settled(id).then(
      () => false,
      (error) => error.name === 'ResourceNotFoundException',
    ),
  );
});

test('a store that fails in the middle of the zip is told of', async () => {
  const broken = (own: ObjectSource): ObjectSource => ({
    async read(...which) {
      const { info, body } = await own.read(...which);
      body.destroy();
      const half = new PassThrough();
      half.write('PK');
      setImmediate(() => half.destroy(new Error('socket hang up')));
      return { info, body: half };
    },
  });
  const running = await ControlEngine.started({ objects: broken });
  await running.upload('echo.zip', await zipOf({ 'main.py': '' }));
  const id = await running.create('halfway');
  expect(await running.settled(id)).toMatchObject({
    status: 'CREATE_FAILED',
    failureReason: 'The zip could not be fetched: socket hang up. Try again.',
  });
});

test('with strict runtimes, one that the machine does not have is refused', async () => {
  const running = await ControlEngine.started({ settings: { strictRuntime: true } });
  await running.upload('echo.zip', await zipOf({ 'main.js': '' }));
  const agentRuntimeArtifact = code('echo.zip', { runtime: 'NODE_22', entryPoint: ['main.js'] });
  const id = await running.create('strict', { agentRuntimeArtifact });
  const { status, failureReason, platformVersion } = await running.settled(id);
  if (process.versions.node.startsWith('22.')) expect(platformVersion).toMatch(/^local\/node-22\./);
  else
    expect({ status, failureReason }).toEqual({
      status: 'CREATE_FAILED',
      failureReason: expect.stringMatching(/exactly Node.js 22/),
    });
});
