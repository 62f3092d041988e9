import { BlockList, isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

type Networks = readonly (readonly [network: string, bits: number])[];

/** What a sandbox has no business to reach, in words that end "is ..."; the first that fits is told. */
const refusedIPv4: readonly (readonly [what: string, networks: Networks])[] = [
  [
    'where a cloud keeps the credentials of machines',
    [
      ['169.254.169.254', 32],
      ['169.254.170.2', 32],
      ['100.100.100.200', 32],
      ['168.63.129.16', 32],
      ['192.0.0.192', 32],
    ],
  ],
  ['this machine itself', [['127.0.0.0', 8]]],
  ['an unspecified address', [['0.0.0.0', 8]]],
  [
    'a private address',
    [
      ['10.0.0.0', 8],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
      ['100.64.0.0', 10],
    ],
  ],
  ['a link-local address', [['169.254.0.0', 16]]],
  ['a multicast address', [['224.0.0.0', 4]]],
  [
    'a reserved address',
    [
      ['192.0.0.0', 24],
      ['192.0.2.0', 24],
      ['192.88.99.0', 24],
      ['198.18.0.0', 15],
      ['198.51.100.0', 24],
      ['203.0.113.0', 24],
      ['240.0.0.0', 4],
    ],
  ],
];

const refusedIPv6: typeof refusedIPv4 = [
  ['where a cloud keeps the credentials of machines', [['fd00:ec2::', 32]]],
  ['this machine itself', [['::1', 128]]],
  ['an unspecified address', [['::', 128]]],
  ['a private address', [['fc00::', 7]]],
  ['a link-local address', [['fe80::', 10]]],
  ['a multicast address', [['ff00::', 8]]],
  [
    'a reserved address',
    [
      ['2001::', 23],
      ['2001:db8::', 32],
      ['3fff::', 20],
    ],
  ],
];

const blocked = (refused: typeof refusedIPv4, family: 'ipv4' | 'ipv6') =>
  refused.map(([what, networks]) => ({ what, list: networkList(networks, family) }));

const blockedIPv4 = blocked(refusedIPv4, 'ipv4');
const blockedIPv6 = blocked(refusedIPv6, 'ipv6');
/** Everything that IANA has given out for global unicast. */
const globalIPv6 = networkList([['2000::', 3]], 'ipv6');

/** The well-known prefix of NAT64 and that of 6to4: both carry an IPv4 address that is where the bytes end up. */
const nat64 = networkList([['64:ff9b::', 96]], 'ipv6');
const sixToFour = networkList([['2002::', 16]], 'ipv6');
const mapped = networkList([['::ffff:0:0', 96]], 'ipv6');

/** An interface with a wider network than this says nothing about who is near. */
const NEAR_BITS = { IPv4: 8, IPv6: 48 };

/**
 * Why a sandbox may not reach an address, in words that complete "it is ...", or undefined for a public one. Addresses
 * of this machine and of the networks it is attached to are not public, whatever they look like: no firewall in front of
 * the machine stands between.
 */
export function whyRefused(address: string): string | undefined {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return 'no address of the public Internet';
  if (version === 4) return find(blockedIPv4, address, 'ipv4') ?? whyNear(address, 'IPv4');
  const inner = embeddedIPv4(address);
  if (inner !== undefined) return whyRefused(inner);
  const what = find(blockedIPv6, address, 'ipv6');
  if (what !== undefined) return what;
  if (!globalIPv6.check(address, 'ipv6')) return 'a reserved address';
  return whyNear(address, 'IPv6');
}

/** The IPv4 address that an IPv6 address stands for: mapped, behind NAT64, or through 6to4. */
export function embeddedIPv4(address: string): string | undefined {
  if (isIPv4(address)) return undefined;
  if (mapped.check(address, 'ipv6') || nat64.check(address, 'ipv6')) return dotted(address, 6);
  return sixToFour.check(address, 'ipv6') ? dotted(address, 1) : undefined;
}

/** The IPv4 address in two of the eight groups of an IPv6 address. */
function dotted(address: string, group: number): string {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const groupsOf = (part = '') => part.split(':').filter(Boolean);
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups
    .slice(group, group + 2)
    .map((text) => Number.parseInt(text, 16))
    .flatMap((value) => [value >> 8, value & 0xff])
    .join('.');
}

function whyNear(address: string, family: 'IPv4' | 'IPv6'): string | undefined {
  const type = family === 'IPv4' ? 'ipv4' : 'ipv6';
  for (const own of Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])) {
    if (own.family !== family) continue;
    if (own.address === address) return 'this machine itself';
    const bits = Number(own.cidr?.split('/')[1] ?? 0);
    if (bits >= NEAR_BITS[family] && networkList([[own.address, bits]], type).check(address, type)) {
      return 'in a network that this machine is attached to';
    }
  }
  return undefined;
}

function find(blocked: { what: string; list: BlockList }[], address: string, family: 'ipv4' | 'ipv6') {
  return blocked.find(({ list }) => list.check(address, family))?.what;
}

function networkList(networks: Networks, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
}
