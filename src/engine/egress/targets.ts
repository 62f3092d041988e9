import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { whyRefused } from './addresses.ts';
import { MAIL_PORT } from './allow-hosts.ts';
import type { Rules } from './rules.ts';

/** The addresses of a name, as the machine's own resolver knows them. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

/** Where a request wants to go, as it was written, after the URL parser made every spelling of an address plain. */
export interface Destination {
  /** Without brackets, in lower case, without a dot at the end. */
  host: string;
  port: number;
}

/** Where it goes: the very addresses that were checked. */
export interface Target extends Destination {
  addresses: readonly LookupAddress[];
}

/** Why a request goes nowhere; `status` and message are for the client. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: 400 | 403 | 502 | 503 | 504;

  constructor(status: Refusal['status'], message: string) {
    super(message);
    this.status = status;
  }
}

export const resolveByMachine: Resolve = (name) => lookup(name, { all: true });

/** @throws Refusal 400 when it is no host and port. */
export function destinationOf({ hostname, port }: URL, defaultPort: number): Destination {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const number = Number(port || defaultPort);
  if (host === '' || number === 0) throw new Refusal(400, 'The request names no host and port.');
  return { host, port: number };
}

/**
 * Checks what a proxy elsewhere is to lead to, which only that proxy can resolve: a name that is closed, or an address.
 * @throws Refusal 403
 */
export async function checkAsWritten(destination: Destination, rules: Rules): Promise<void> {
  const { host, port } = destination;
  if (isIP(host) !== 0) await chooseTarget(destination, rules, resolveByMachine);
  else if (rules.blocked.blocksName(host, port)) throw new Refusal(403, whyBlocked(destination, rules));
}

/**
 * Resolves a host once and keeps the addresses that may be reached.
 * @throws Refusal 403 when there is none, and 502 when the name has no address at all.
 */
export async function chooseTarget(
  { host, port }: Destination,
  rules: Rules,
  resolve: Resolve,
): Promise<Target> {
  const { allowed, blocked, words } = rules;
  const blockedBy = whyBlocked({ host, port }, rules);
  if (isIP(host) === 0 && blocked.blocksName(host, port)) throw new Refusal(403, blockedBy);
  const nameIsOpen = isIP(host) === 0 && allowed.allowsName(host, port);
  const known = await addressesOf(host, resolve);
  const addresses = known.filter(({ address }) => !blocked.blocksAddress(address, port));
  if (addresses.length === 0) throw new Refusal(403, blockedBy);
  const refused: string[] = [];
  const open = addresses.filter(({ address }) => {
    if (nameIsOpen || allowed.allowsAddress(address, port)) return true;
    const why =
      whyRefused(address) ?? (port === MAIL_PORT ? 'asked for at the port of mail servers' : undefined);
    if (why !== undefined) refused.push(`${address === host ? 'it' : address} is ${why}`);
    return why === undefined;
  });
  if (open.length > 0) return { host, port, addresses: open };
  throw new Refusal(
    403,
    `${words.who} may not reach ${shown({ host, port })}: ${refused.join(', ')}. ` +
      `To open it, start with ${words.flag} ${shown({ host, port })}.`,
  );
}

const shown = ({ host, port }: Destination) => (isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`);

const whyBlocked = (destination: Destination, { words }: Rules) =>
  `${words.who} may not reach ${shown(destination)}: it is ${words.blocked}.`;

async function addressesOf(host: string, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  try {
    const addresses = await resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Refusal(502, `${host} has no address (${code}).`);
  }
  throw new Refusal(502, `${host} has no address.`);
}
