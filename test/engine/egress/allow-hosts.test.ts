import { expect, test } from 'vitest';
import { parseAllowHosts } from '../../../src/engine/egress/allow-hosts.ts';

const names: [entry: string, open: [string, number][], closed: [string, number][]][] = [
  [
    'db.corp',
    [['db.corp', 5432]],
    [
      ['xdb.corp', 5432],
      ['a.db.corp', 5432],
      ['db.corp', 25],
    ],
  ],
  ['DB.Corp.:5432', [['db.corp', 5432]], [['db.corp', 80]]],
  ['db.corp:25', [['db.corp', 25]], [['db.corp', 80]]],
  [
    '*.corp',
    [
      ['a.corp', 1],
      ['a.b.corp', 1],
    ],
    [
      ['corp', 1],
      ['acorp', 1],
    ],
  ],
  ['*.corp:80', [['a.corp', 80]], [['a.corp', 81]]],
  ['localhost', [['localhost', 80]], []],
  ['bücher.example', [['xn--bcher-kva.example', 80]], []],
  ['my_host-1', [['my_host-1', 80]], []],
];

test.each(names)('%s opens by name', (entry, open, closed) => {
  const allowed = parseAllowHosts([entry]);
  for (const [name, port] of open) expect([name, allowed.allowsName(name, port)]).toEqual([name, true]);
  for (const [name, port] of closed) expect([name, allowed.allowsName(name, port)]).toEqual([name, false]);
});

const addresses: [entry: string, open: [string, number][], closed: [string, number][]][] = [
  [
    '10.1.2.3',
    [
      ['10.1.2.3', 1],
      ['::ffff:10.1.2.3', 1],
    ],
    [
      ['10.1.2.4', 1],
      ['10.1.2.3', 25],
    ],
  ],
  ['10.0.0.0/8', [['10.255.0.1', 1]], [['11.0.0.1', 1]]],
  ['10.0.0.0/8:443', [['10.255.0.1', 443]], [['10.255.0.1', 80]]],
  ['0.0.0.0/0', [['127.0.0.1', 1]], [['::1', 1]]],
  ['fd00::1', [['fd00::1', 1]], [['fd00::2', 1]]],
  ['fd00::/8', [['fdff::2', 1]], [['fc00::2', 1]]],
  ['[fd00::1]:8080', [['fd00::1', 8080]], [['fd00::1', 80]]],
  ['[fd00::/8]:8080', [['fd12::1', 8080]], [['fd12::1', 80]]],
  ['[::1]', [['::1', 80]], [['127.0.0.1', 80]]],
];

test.each(addresses)('%s opens by address', (entry, open, closed) => {
  const allowed = parseAllowHosts(['other.example', entry]);
  for (const [address, port] of open)
    expect([address, allowed.allowsAddress(address, port)]).toEqual([address, true]);
  for (const [address, port] of closed) {
    expect([address, allowed.allowsAddress(address, port)]).toEqual([address, false]);
  }
});

test.each([
  ['', 'it is no host name'],
  ['*', 'it is no host name'],
  ['*.', 'it is no host name'],
  ['a.*.b', 'it is no host name'],
  ['http://host', 'it is a URL; only its host is meant'],
  ['host/path', 'host is not an address'],
  ['host:0', '"0" is no port from 1 to 65535'],
  ['host:65536', '"65536" is no port'],
  ['host:http', '"http" is no port'],
  ['host:', '"" is no port'],
  ['10.0.0.0/33', '"33" is no number of bits from 0 to 32'],
  ['10.0.0.0/', '"" is no number of bits'],
  ['10.0.0.0/8/8', 'it has two slashes'],
  ['fd00::/129', '"129" is no number of bits from 0 to 128'],
  ['10.0.0', 'it is neither a name nor a whole address'],
  ['2130706433', 'it is neither a name nor a whole address'],
  ['0x7f.1', 'it is neither a name nor a whole address'],
  ['1.2.3.256', 'it is neither a name nor a whole address'],
  ['fe80::1%eth0', 'it is no host name'],
  ['[fd00::1', 'it is no host name'],
  ['a b', 'it is no host name'],
  ['-a', 'it is no host name'],
  [`${'a.'.repeat(130)}b`, 'it is no host name'],
])('"%s" is refused: %s', (entry, why) => {
  expect(() => parseAllowHosts(['fine.example', entry])).toThrow(
    `"${entry}" is not a host that can be listed: ${why}`,
  );
  expect(() => parseAllowHosts([entry])).toThrow(/Possible: a name, \*\.domain, an address or network\/bits/);
});
