import type { GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { Bench } from './bench.ts';
import { Child } from './child.ts';
import { program } from './places.ts';
import { byTurns } from './rounds.ts';

/** A request that is sent again and again. */
export interface LoadRequest {
  /** Where, without a path. */
  url: string;
  method: string;
  /** With its query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Load extends LoadRequest {
  /** How many send at once, each over a connection of its own that is kept. */
  clients: number;
  seconds: number;
}

/** As the SDK's clients make one. */
interface HttpRequest {
  protocol: string;
  hostname: string;
  port?: number;
  method: string;
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

/** What the load generator saw. Times in milliseconds. */
export interface LoadResult {
  requests: number;
  perSecond: number;
  p50: number;
  p95: number;
  /** From the request to the first byte of the answer's body. */
  firstByte: number;
  /** Connections besides the first ones: the server had closed them. */
  reconnects: number;
  /** The generator's own use of one core, in percent. */
  cpu: number;
}

/**
 * The request that an SDK client would send for a command, signed; the signature holds for five minutes. The client sends
 * nothing.
 */
export async function signed(
  client: { send(command: never): Promise<unknown> },
  command: object,
): Promise<LoadRequest> {
  const { middlewareStack } = command as Pick<GetAgentRuntimeCommand, 'middlewareStack'>;
  let caught: HttpRequest | undefined;
  middlewareStack.add(
    () =>
      async ({ request }) => {
        caught = request as HttpRequest;
        return { output: { $metadata: {} } as never, response: {} };
      },
    { step: 'deserialize', priority: 'high' },
  );
  await client.send(command as never);
  if (!caught) throw new Error('The SDK has made no request.');
  const { protocol, hostname, port, method, path, query = {}, headers, body = '' } = caught;
  return {
    url: `${protocol}//${hostname}:${port}`,
    ...{ method, headers },
    path: [path, new URLSearchParams(query)].filter(String).join('?'),
    body: typeof body === 'string' ? body : new TextDecoder().decode(body),
  };
}

/**
 * Sends a request for some seconds from a process of its own, so that only the server is measured.
 * @throws Error when an answer is not 200.
 */
export async function load(bench: Bench, request: Load): Promise<LoadResult> {
  const child = new Child(bench, [process.execPath, program('load.ts'), JSON.stringify(request)]);
  return child.message<LoadResult>('perSecond');
}

/**
 * Loads by turns: in each round each request once.
 * @returns for each request what was seen in every round.
 */
export async function loadByTurns<Name extends string>(
  bench: Bench,
  requests: Readonly<Record<Name, LoadRequest>>,
  { clients, seconds, rounds }: { clients: number; seconds: number; rounds: number },
): Promise<Record<Name, LoadResult[]>> {
  const times = bench.rounds(rounds);
  const entries = Object.entries(requests) as [Name, LoadRequest][];
  const seen = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<
    Name,
    LoadResult[]
  >;
  const subjects = entries.map(([name, request]) => {
    const subject = async () => {
      const result = await load(bench, { ...request, clients, seconds });
      seen[name].push(result);
      return result.perSecond;
    };
    return [name, subject];
  });
  await byTurns(Object.fromEntries(subjects), times);
  for (const [name] of entries) seen[name].splice(0, times.warmUp);
  return seen;
}
