import { isIP } from 'node:net';
import { readRules } from './rules.ts';
import { chooseTarget, destinationOf, Refusal, type Resolve, resolveByMachine } from './targets.ts';

/**
 * Whether code in a sandbox may have the engine fetch an address for it: what the sandbox itself may reach, over https, as
 * over http nobody proves to be the host, whose name may lead anywhere by the time of the fetch.
 * @returns why not, as a sentence, or undefined.
 */
export async function whyUnreachable(
  url: URL,
  { allowHosts, resolve = resolveByMachine }: { allowHosts: readonly string[]; resolve?: Resolve },
): Promise<string | undefined> {
  const rules = readRules({ allowHosts });
  const { allowed } = rules;
  const isPlain = url.protocol === 'http:';
  try {
    const destination = destinationOf(url, isPlain ? 80 : 443);
    const { host, port } = destination;
    const isOpened = isIP(host) ? allowed.allowsAddress(host, port) : allowed.allowsName(host, port);
    if (isPlain && !isOpened) return `From inside a sandbox ${url} must be https.`;
    await chooseTarget(destination, rules, resolve);
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  return undefined;
}
