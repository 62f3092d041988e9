import fc from 'fast-check';
import { createLog } from '../../src/engine/log.ts';
import type { ApiName } from '../../src/engine/service.ts';
import type { Model } from '../../src/engine/wire/schemas.ts';
import { bytesOf, exchange, type RawAnswer, signed } from '../support/signed-http.ts';
import { startWire, type TestHandler } from '../support/wire.ts';
import { everyOperation, malformedRequests, validRequests } from './wire-requests.ts';

export interface FuzzResult {
  /** How often each status came; 0 stands for a connection closed without an answer. */
  statuses: Record<number, number>;
  /** What must not happen, with what it takes to see it again. */
  failures: string[];
}

const BATCH = 500;
/** Signatures live for five minutes, so valid requests are made anew for each batch. */
const VALID_PER_BATCH = 25;
const CONCURRENT = 8;

/**
 * Sends malformed requests over real sockets to a wire that answers every operation. A failure is a 5xx, an error in
 * the server's log, an answer without request id, a connection left hanging, or a server that no longer answers.
 */
export async function fuzzWire(
  requests: number,
  seed: number,
  progress = (_: number) => {},
): Promise<FuzzResult> {
  const statuses: Record<number, number> = {};
  const failures: string[] = [];
  const logged: string[] = [];
  const wire = await startWire(emptyHandlers('agentcore'), {
    bedrock: emptyHandlers('bedrock'),
    logs: emptyHandlers('logs'),
    secrets: emptyHandlers('secrets'),
    maxBodyBytes: 200_000,
    log: createLog({ level: 'error', write: (line) => logged.push(line) }),
  });
  for (let done = 0; done < requests; done += BATCH) {
    const batchSeed = seed + done;
    const valid = await validRequests(wire.port, VALID_PER_BATCH, batchSeed);
    const batch = fc.sample(malformedRequests(valid), {
      numRuns: Math.min(BATCH, requests - done),
      seed: batchSeed,
    });
    const queue = batch.entries();
    const worker = async () => {
      for (const [index, malformed] of queue) {
        const bytes = await malformed(wire.port);
        const problem = await exchange(wire.port, bytes).then(
          (answer) => {
            statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
            return problemOf(answer);
          },
          (error: Error) => error.message,
        );
        if (problem)
          failures.push(
            `${problem}: batch ${batchSeed}, request ${index}: ${JSON.stringify(excerpt(bytes))}`,
          );
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT }, worker));
    failures.push(...logged.splice(0).map((line) => `Logged in batch ${batchSeed}: ${line}`));
    if (failures.length > 20) break;
    progress(done + batch.length);
  }
  const last = await exchange(
    wire.port,
    bytesOf(await signed(wire.port, { method: 'GET', target: '/gateways/' })),
  );
  if (last.status !== 200)
    failures.push(`The server no longer answers a good request: ${JSON.stringify(last)}`);
  await wire.close();
  return { statuses, failures };
}

/** Every operation answers nothing; streams end at once. */
function emptyHandlers(api: ApiName): Record<string, TestHandler> {
  const isOf = (plane: Model) =>
    plane === 'data' || plane === 'control' ? api === 'agentcore' : plane === api;
  return Object.fromEntries(
    everyOperation
      .filter(({ plane }) => isOf(plane))
      .map(({ name, output }) => {
        const stream = [...output.structIterator()].find(([, member]) => member.isStreaming())?.[0];
        return [name, async () => (stream ? { [stream]: (async function* () {})() } : {})];
      }),
  );
}

/** Node itself answers what is not HTTP: a bare 400, or 431 and 408, without our headers. */
function problemOf({ status, headers, body }: RawAnswer): string | undefined {
  if (status >= 500 || /HTTP\/1\.1 5\d\d/.test(body)) return `Status ${status}`;
  const byNode = [0, 400, 408, 413, 417, 431].includes(status) && !headers['content-type'];
  if (!byNode && !headers['x-amzn-requestid']) return `Status ${status} without a request id`;
  return undefined;
}

function excerpt(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 2000)).toString('latin1');
}
