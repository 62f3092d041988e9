import { operationsOf } from '../schemas.ts';
import type { Level } from './operations.ts';

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
  const [best] = operationsOf('s3', await import('@aws-sdk/client-s3'))
    .map(({ name, method, uri }) => ({ name, method, ...partsOf(uri) }))
    .filter((operation) => operation.method === method && operation.path === templates[level])
    .filter(({ name }) => accountOnly.includes(name) === (level === 'account'))
    .filter(({ fixed }) =>
      fixed.every(([name, value]) => query.has(name) && (!value || query.get(name) === value)),
    )
    .sort((a, b) => b.fixed.length - a.fixed.length);
  return best?.name;
}

/** `x-id` says the operation's name and nothing else. */
function partsOf(uri: string): { path: string; fixed: [string, string][] } {
  const [path = '', query] = uri.split('?');
  return { path, fixed: [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id') };
}
