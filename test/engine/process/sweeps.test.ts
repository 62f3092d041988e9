import {
  GetCodeInterpreterSessionCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { expect, test, vi } from 'vitest';
import { createLog } from '../../../src/engine/log.ts';
import type { Service } from '../../../src/engine/service.ts';
import { createServices } from '../../../src/engine/services/index.ts';
import { dataClient, started } from '../../support/engine.ts';
import { FakeSandboxes } from '../services/code-interpreter/fake-sandboxes.ts';
import { identifier, startSession } from '../services/code-interpreter/support.ts';

const DAY_MS = 24 * 3600 * 1000;

test('an engine forgets sessions that ended 30 days ago without being started again', async () => {
  const engine = await started({
    auth: 'none',
    services: (parts) => createServices({ ...parts, sandboxes: new FakeSandboxes() }),
  });
  const client = dataClient(engine);
  const ended = { codeInterpreterIdentifier: identifier, sessionId: await startSession(client) };
  await client.send(new StopCodeInterpreterSessionCommand(ended));
  await engine.clock.advance(28.5 * DAY_MS);
  const later = { codeInterpreterIdentifier: identifier, sessionId: await startSession(client) };

  await engine.clock.advance(DAY_MS);
  expect(await client.send(new GetCodeInterpreterSessionCommand(ended))).toMatchObject({
    status: 'TERMINATED',
  });
  await engine.clock.advance(DAY_MS);
  await expect(client.send(new GetCodeInterpreterSessionCommand(ended))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(await client.send(new GetCodeInterpreterSessionCommand(later))).toMatchObject({
    status: 'TERMINATED',
  });
});

test('each day everything is swept, whatever fails, until the engine closes', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'error', write: (line) => lines.push(line) });
  const sweep = vi.fn();
  const service = (act: () => void): Service => ({
    handlers: {},
    live: () => 0,
    sweep: act,
    close: async () => {},
  });
  const failing = service(() => {
    throw new Error('no room');
  });
  const engine = await started({ log, services: () => [failing, service(sweep)] });
  await engine.clock.advance(DAY_MS);
  await engine.clock.advance(DAY_MS);
  expect(sweep).toHaveBeenCalledTimes(2);
  expect(lines).toEqual([expect.stringContaining('no room'), expect.stringContaining('no room')]);
  await engine.close();
  await engine.clock.advance(DAY_MS);
  await engine.clock.advance(DAY_MS);
  expect(sweep).toHaveBeenCalledTimes(2);
});
