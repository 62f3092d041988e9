import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetCodeInterpreterSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  GetAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { Bench, Section } from '../harness/bench.ts';
import { Child } from '../harness/child.ts';
import {
  clientConfig,
  dataClient,
  deployMinimal,
  interpreter,
  region,
  settle,
  startCodeSession,
  startEngine,
} from '../harness/engine.ts';
import { type LoadRequest, load, loadByTurns, signed } from '../harness/load.ts';
import { pinnedVersion, pythonPeers } from '../harness/peers.ts';
import { type Findings, shown } from '../harness/report.ts';
import { byTurns } from '../harness/rounds.ts';
import { ratios } from '../harness/statistics.ts';
import { inProcessCall } from './wire-in-process.ts';

const CLIENTS = [1, 16];
const LEAST_RATIO = 3;
const MOTO_START_MS = 30_000;

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
  return promise;
}

function controlClient(bench: Bench, config: ReturnType<typeof clientConfig>) {
  const client = new BedrockAgentCoreControlClient(config);
  bench.defer(() => client.destroy());
  return client;
}

/** moto's server, and the request for an agent runtime that it has. */
async function startMoto(bench: Bench, folder: string): Promise<LoadRequest> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const moto = new Child(bench, [join(folder, 'bin', 'moto_server'), '-p', new URL(url).port]);
  moto.process.stdout?.resume();
  const deadline = Date.now() + MOTO_START_MS;
  const answers = () =>
    fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (Date.now() > deadline) throw new Error(`moto_server does not answer within ${MOTO_START_MS} ms.`);
    await sleep(50);
  }
  const credentials = () => ({ accessKeyId: '123456789012', secretAccessKey: 'any' });
  const client = controlClient(bench, clientConfig({ url, credentials }));
  const containerUri = `123456789012.dkr.ecr.${region}.amazonaws.com/minimal:1`;
  const { agentRuntimeId } = await client.send(
    new CreateAgentRuntimeCommand({
      agentRuntimeName: 'minimal',
      agentRuntimeArtifact: { containerConfiguration: { containerUri } },
      roleArn: 'arn:aws:iam::123456789012:role/agents',
      networkConfiguration: { networkMode: 'PUBLIC' },
    }),
  );
  return signed(client, new GetAgentRuntimeCommand({ agentRuntimeId }));
}

/** What one call takes, over HTTP and in this process. */
async function oneCall(bench: Bench, session: LoadRequest, { rows }: Findings): Promise<void> {
  const byHandler = await inProcessCall(bench);
  const { http, handler } = await byTurns(
    {
      http: async () => (await load(bench, { ...session, clients: 1, seconds: bench.pick(1, 0.2) })).p50,
      handler: async () => (await byHandler()) / 1_000,
    },
    bench.rounds(5),
  );
  rows.push(
    { what: 'GetCodeInterpreterSession over HTTP, median of a round', values: http, unit: 'ms' },
    { what: 'The same, its handler alone in process', values: handler, unit: 'ms' },
  );
}

export const wire: Section = {
  title: 'The wire: a call of the engine',

  async run(bench) {
    const findings: Findings = { rows: [], notes: [] };
    const { rows, notes } = findings;
    const engine = await startEngine(bench);
    const { id: agentRuntimeId } = await deployMinimal(bench, engine);
    const client = dataClient(bench, engine);
    const sessionId = await startCodeSession(client);
    await settle(bench);
    const get = { codeInterpreterIdentifier: interpreter, sessionId };
    await oneCall(bench, await signed(client, new GetCodeInterpreterSessionCommand(get)), findings);

    const control = controlClient(bench, clientConfig(engine));
    const own = await signed(control, new GetAgentRuntimeCommand({ agentRuntimeId }));
    const peer = pythonPeers(bench);
    const moto = 'missing' in peer ? undefined : await startMoto(bench, peer.folder);
    for (const clients of CLIENTS) {
      const what = `GetAgentRuntime, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
      const requests: Record<string, LoadRequest> = { own, ...(moto && { moto }) };
      const timing = { clients, seconds: bench.pick(1.5, 0.2), rounds: 5 };
      const { own: seen = [], moto: seenOfMoto } = await loadByTurns(bench, requests, timing);
      const ours = seen.map(({ perSecond }) => perSecond);
      const theirs = seenOfMoto?.map(({ perSecond }) => perSecond);
      const cpu = Math.max(...[...seen, ...(seenOfMoto ?? [])].map((each) => each.cpu));
      rows.push({ what: `${what}: engine`, values: ours, unit: '/s' });
      if (theirs)
        rows.push(
          { what: `${what}: moto`, values: theirs, unit: '/s' },
          {
            what: `${what}: engine / moto`,
            values: ratios(ours, theirs),
            unit: '×',
            goal: { least: LEAST_RATIO },
          },
        );
      notes.push(`With ${clients}, the load generator took at most ${shown(cpu, '%')} of one core.`);
    }
    notes.push(
      'missing' in peer
        ? `moto is not compared: ${peer.missing}.`
        : `moto ${pinnedVersion('moto')} is started as its manual says, \`moto_server\`: Werkzeug with a thread for each connection. It closes each connection after its answer and checks no signatures; the engine checks each.`,
    );
    return findings;
  },
};
