import type { Level } from './operations.ts';

/** `[9, namespace, name, {http: [method, uri, status]}, ...]`, as the SDK exports an operation. */
type StaticOperation = readonly [9, string, string, { http: readonly [string, string, number] }];

const templates: Readonly<Record<Level, string>> = { account: '/', bucket: '/', object: '/{Key+}' };
const accountOnly = ['ListBuckets', 'ListDirectoryBuckets'];

/**
 * What AWS's SDK calls the operation that a request is for; loads that SDK's client.
 * @returns undefined where there is none.
 */
export async function operationName(
  method: string,
  level: Level,
  query: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const sdk: Readonly<Record<string, unknown>> = await import('@aws-sdk/client-s3');
  const [best] = Object.values(sdk)
    .filter(isOperation)
    .map(([, , name, { http }]) => ({ name, method: http[0], ...partsOf(http[1]) }))
    .filter((operation) => operation.method === method && operation.path === templates[level])
    .filter(({ name }) => accountOnly.includes(name) === (level === 'account'))
    .filter(({ fixed }) =>
      fixed.every(([name, value]) => query.has(name) && (!value || query.get(name) === value)),
    )
    .sort((a, b) => b.fixed.length - a.fixed.length);
  return best?.name;
}

function isOperation(exported: unknown): exported is StaticOperation {
  return Array.isArray(exported) && exported[0] === 9;
}

/** `x-id` says the operation's name and nothing else. */
function partsOf(uri: string): { path: string; fixed: [string, string][] } {
  const [path = '', query] = uri.split('?');
  return { path, fixed: [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id') };
}
