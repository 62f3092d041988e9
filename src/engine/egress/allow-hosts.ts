import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { embeddedIPv4 } from './addresses.ts';

/** What the user has opened beyond the public Internet. */
export interface AllowList {
  /** Whether a host is open by its name, wherever that leads. */
  allowsName(name: string, port: number): boolean;
  allowsAddress(address: string, port: number): boolean;
}

/** What the user has closed, whatever is open. */
export interface BlockedHosts {
  blocksName(name: string, port: number): boolean;
  blocksAddress(address: string, port: number): boolean;
}

/** Mail between servers: what a machine would be blamed for. An entry that names the port opens it. */
export const MAIL_PORT = 25;

interface Entry {
  port: number | undefined;
  /** In lower case, e.g. `example.com`, or `.example.com` for everything below it. */
  name?: string;
  networks?: BlockList;
}

const FORMS =
  'a name, *.domain, an address or network/bits, each with :port if only that is meant (IPv6 in brackets then)';
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const domainName = new RegExp(`^(?:${label}\\.)*${label}$`);
const MAX_NAME = 253;

/**
 * Reads `name`, `*.domain`, `1.2.3.4`, `10.0.0.0/8`, `fd00::1`, `fd00::/8`, each optionally with a port: `name:8080`,
 * `10.0.0.0/8:443`, `[fd00::1]:8080`. A name is open wherever it leads, also to a private address.
 * @throws Error that names the first wrong entry and what is allowed.
 */
export function parseAllowHosts(entries: readonly string[]): AllowList {
  const hosts = entries.map(parseEntry);
  const isOpen = (entry: Entry, port: number) =>
    entry.port === undefined ? port !== MAIL_PORT : entry.port === port;
  return {
    allowsName: (name, port) => hosts.some((entry) => isOpen(entry, port) && hasName(entry, name)),
    allowsAddress: (address, port) =>
      hosts.some((entry) => isOpen(entry, port) && hasAddress(entry, address)),
  };
}

/**
 * Reads what {@link parseAllowHosts} reads; an entry without a port means every port.
 * @throws Error that names the first wrong entry and what is possible.
 */
export function parseBlockHosts(entries: readonly string[]): BlockedHosts {
  const hosts = entries.map(parseEntry);
  const isMeant = (entry: Entry, port: number) => entry.port === undefined || entry.port === port;
  return {
    blocksName: (name, port) => hosts.some((entry) => isMeant(entry, port) && hasName(entry, name)),
    blocksAddress: (address, port) =>
      hosts.some((entry) => isMeant(entry, port) && hasAddress(entry, address)),
  };
}

const hasName = (entry: Entry, name: string) =>
  entry.name?.startsWith('.') ? name.endsWith(entry.name) : name === entry.name;

function hasAddress(entry: Entry, address: string): boolean {
  const plain = embeddedIPv4(address) ?? address;
  return entry.networks?.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6') ?? false;
}

function parseEntry(entry: string): Entry {
  const text = entry.trim().toLowerCase();
  if (text.includes('://')) throw wrong(entry, 'it is a URL; only its host is meant');
  const { host, port } = splitPort(text, entry);
  const [address = '', bits, ...rest] = host.split('/');
  if (isIP(address) && !address.includes('%')) {
    if (rest.length > 0) throw wrong(entry, 'it has two slashes');
    return { port, networks: networkOf(address, bits, entry) };
  }
  if (bits !== undefined) throw wrong(entry, `${address} is not an address`);
  // The parser of URLs takes such a name for an address, so no request could ever ask for it.
  if (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(host))
    throw wrong(entry, 'it is neither a name nor a whole address');
  const isBelow = host.startsWith('*.');
  const name = domainToASCII(isBelow ? host.slice(2) : host).replace(/\.$/, '');
  if (!domainName.test(name) || name.length > MAX_NAME) throw wrong(entry, 'it is no host name');
  return { port, name: isBelow ? `.${name}` : name };
}

function splitPort(text: string, entry: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = /^([^:]*):([^:]*)$/.exec(text);
  const [, host = text, port] = bracketed ?? plain ?? [];
  if (port === undefined) return { host, port };
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw wrong(entry, `"${port}" is no port from 1 to 65535`);
  }
  return { host, port: Number(port) };
}

function networkOf(address: string, bits: string | undefined, entry: string): BlockList {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const most = family === 'ipv4' ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) {
    throw wrong(entry, `"${bits}" is no number of bits from 0 to ${most}`);
  }
  const list = new BlockList();
  list.addSubnet(address, Number(bits ?? most), family);
  return list;
}

function wrong(entry: string, why: string): Error {
  return new Error(`"${entry}" is not a host that can be listed: ${why}. Possible: ${FORMS}.`);
}
