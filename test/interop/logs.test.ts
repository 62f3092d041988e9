import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  paginateDescribeLogStreams,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { expect, onTestFinished, test } from 'vitest';
import { defaultAccount, defaultRegion } from '../../src/engine/index.ts';
import { silentLog } from '../../src/engine/log.ts';
import { createLogs } from '../../src/engine/services/logs/index.ts';
import { started } from '../support/engine.ts';
import { runPython } from '../support/python-clients.ts';
import { temporaryDir } from '../support/temporary.ts';

/** An engine that keeps logs, and their store. */
async function start() {
  const { store, service } = createLogs({ dataDir: temporaryDir(), log: silentLog });
  const engine = await started({ services: () => [service] });
  return { store, engine };
}

test('boto3 writes logs as handlers do, reads them in pages, and removes them', async () => {
  const { engine } = await start();
  expect(await runPython(engine, 'logs_boto3.py', { service: 'CLOUDWATCH_LOGS' })).toEqual({
    sequence: true,
    filtered: 500,
    distinct: 500,
    read: 507,
    first: 'ERROR 0 日本',
    last: 'line 499',
    group: '/agents/hello',
    stream: ['2026/[runtime-logs]é', true],
    exists: ['ResourceAlreadyExistsException', 400, 'The specified log group already exists'],
    unknown: ['ResourceNotFoundException', 400, 'The specified log group does not exist.'],
    pattern: ['InvalidParameterException', 400, expect.stringMatching(/filters by terms/)],
    left: [],
  });
});

test('the AWS SDK for JavaScript reads what the engine logs, as its own account', async () => {
  const { store, engine } = await start();
  const group = '/aws/bedrock-agentcore/runtimes/hello-AbCdEfGhIj-DEFAULT';
  const scope = { account: defaultAccount, region: defaultRegion };
  for (let session = 0; session < 120; session++) {
    const message = session % 2 ? 'Traceback (most recent call last)' : 'fine';
    store.append(scope, group, `2026/[runtime-logs]${session}`, [{ timestamp: 1_000 + session, message }]);
  }
  const client = (account?: string) => {
    const made = new CloudWatchLogsClient({
      endpoint: engine.url,
      region: defaultRegion,
      credentials: engine.credentials(account),
      maxAttempts: 1,
    });
    onTestFinished(() => made.destroy());
    return made;
  };

  const streams: unknown[] = [];
  const byTime = { logGroupName: group, orderBy: 'LastEventTime', descending: true } as const;
  for await (const page of paginateDescribeLogStreams({ client: client() }, byTime)) {
    streams.push(...(page.logStreams ?? []).map(({ lastEventTimestamp }) => lastEventTimestamp));
  }
  expect(streams).toEqual(Array.from({ length: 120 }, (_, index) => 1_119 - index));

  const errors: unknown[] = [];
  const search = { logGroupName: group, filterPattern: '"Traceback (most"', limit: 25 };
  for await (const page of paginateFilterLogEvents({ client: client() }, search)) {
    errors.push(...(page.events ?? []).map(({ timestamp }) => timestamp));
  }
  expect(errors).toEqual(Array.from({ length: 60 }, (_, index) => 1_001 + 2 * index));

  const one = { logGroupIdentifier: group, logStreamName: '2026/[runtime-logs]7' };
  const { events } = await client().send(new GetLogEventsCommand(one));
  expect(events).toEqual([
    { timestamp: 1_007, message: 'Traceback (most recent call last)', ingestionTime: expect.any(Number) },
  ]);
  await expect(
    client('999988887777').send(new FilterLogEventsCommand({ logGroupName: group })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 400 } });
});
