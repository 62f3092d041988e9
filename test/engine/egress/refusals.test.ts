import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { embeddedIPv4, whyRefused } from '../../../src/engine/egress/addresses.ts';
import { get, httpServer, openEgress, say } from './support.ts';

const credentials = /where a cloud keeps the credentials/;
const itself = /this machine itself/;
const unspecified = /an unspecified address/;
const isPrivate = /a private address/;
const linkLocal = /a link-local address/;
const multicast = /a multicast address/;
const reserved = /a reserved address/;

const refused: [address: string, why: RegExp][] = [
  ['169.254.169.254', credentials],
  ['169.254.170.2', credentials],
  ['fd00:ec2::254', credentials],
  ['::ffff:169.254.169.254', credentials],
  ['64:ff9b::a9fe:a9fe', credentials],
  ['2002:a9fe:a9fe::1', credentials],
  ['168.63.129.16', credentials],
  ['127.0.0.1', itself],
  ['127.255.255.255', itself],
  ['::1', itself],
  ['::ffff:127.0.0.1', itself],
  ['::ffff:7f00:1', itself],
  ['64:ff9b::7f00:1', itself],
  ['2002:7f00:1::', itself],
  ['0.0.0.0', unspecified],
  ['0.1.2.3', unspecified],
  ['::', unspecified],
  ['10.0.0.1', isPrivate],
  ['172.16.0.1', isPrivate],
  ['172.31.255.255', isPrivate],
  ['192.168.1.1', isPrivate],
  ['100.64.0.1', isPrivate],
  ['100.127.255.255', isPrivate],
  ['fc00::1', isPrivate],
  ['fdff::1', isPrivate],
  ['::ffff:10.0.0.1', isPrivate],
  ['2002:c0a8:101::', isPrivate],
  ['169.254.0.1', linkLocal],
  ['fe80::1', linkLocal],
  ['febf::1', linkLocal],
  ['224.0.0.1', multicast],
  ['239.255.255.255', multicast],
  ['ff02::1', multicast],
  ['240.0.0.1', reserved],
  ['255.255.255.255', reserved],
  ['192.0.2.1', reserved],
  ['198.18.0.1', reserved],
  ['198.51.100.1', reserved],
  ['203.0.113.1', reserved],
  ['192.88.99.1', reserved],
  ['2001:db8::1', reserved],
  ['2001::1', reserved],
  ['3fff::1', reserved],
  ['fec0::1', reserved],
  ['::7f00:1', reserved],
  ['64:ff9b:1::a9fe:a9fe', reserved],
  ['4000::1', reserved],
  ['fe80::1%lo', /no address of the public Internet/],
  ['example.com', /no address of the public Internet/],
];

test.each(refused)('%s is refused', (address, why) => {
  expect(whyRefused(address)).toMatch(why);
});

test.each([
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '192.0.1.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
  '::ffff:1.1.1.1',
  '64:ff9b::101:101',
  '2002:101:101::1',
])('%s is public', (address) => {
  expect(whyRefused(address)).toBeUndefined();
});

test('the addresses of this machine are refused, whatever they look like', () => {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  expect(own.length).toBeGreaterThan(0);
  for (const { address } of own) expect(whyRefused(address)).toBeDefined();
});

test('an embedded address is read from any spelling', () => {
  expect(embeddedIPv4('64:ff9b::1.2.3.4')).toBe('1.2.3.4');
  expect(embeddedIPv4('2002:102:304:0:0:0:0:1')).toBe('1.2.3.4');
  expect(embeddedIPv4('::ffff:0:1')).toBe('0.0.0.1');
  expect(embeddedIPv4('2606:4700::1')).toBeUndefined();
});

describe('a request', () => {
  const spellings: [written: string, host: string][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0177.0.0.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['[::1]', '[::1]'],
    ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
    ['[0:0:0:0:0:ffff:a9fe:a9fe]', '[::ffff:a9fe:a9fe]'],
  ];

  test.each(spellings)('to %s is refused, with the address in plain words', async (written, host) => {
    const { port } = await openEgress();
    const message = `Sandboxes may not reach ${host}:8080: it is `;
    const { status, text } = await get(port, `http://${written}:8080/x`);
    expect([status, text]).toEqual([403, expect.stringContaining(message)]);
    const tunnelled = await say(port, `CONNECT ${written}:8080 HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(tunnelled).toContain(`HTTP/1.1 403 ${message}`);
    expect(tunnelled).toContain('\r\nContent-Type: text/plain');
    expect(tunnelled).toContain('start with --agent-allow-hosts');
  });

  test('by a name that leads inside is refused, and nobody inside notices', async () => {
    let asked = 0;
    const inside = await httpServer((_, response) => {
      asked++;
      response.end();
    });
    const { port, lines } = await openEgress();
    for (const path of ['', 'secret?token=abc']) {
      const { status, text } = await get(port, `http://localhost:${inside}/${path}`);
      expect([status, text]).toEqual([403, expect.stringMatching(/127\.0\.0\.1 is this machine itself/)]);
    }
    expect(asked).toBe(0);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: expect.any(String), level: 'info', message: 'A sandbox was refused a host', host: 'localhost' },
    ]);
  });

  test('goes to an address that was checked, whatever a name server says the next time', async () => {
    const inside = await httpServer((_, response) => void response.end('inside'));
    const answers = [
      [{ address: '192.0.2.1', family: 4 }],
      [{ address: '127.0.0.1', family: 4 }],
      [{ address: '127.0.0.1', family: 4 }],
    ];
    let asked = 0;
    const { port } = await openEgress({
      allowHosts: ['192.0.2.1'],
      connectMs: 300,
      resolve: async () => answers[asked++] ?? [],
    });
    // The first answer passes the check and leads nowhere; had it been asked for again, "inside" would have answered.
    const { status, text } = await get(port, `http://rebinding.example:${inside}/`);
    expect(asked).toBe(1);
    expect([502, 504]).toContain(status);
    expect(text).not.toContain('inside');
    expect((await get(port, `http://rebinding.example:${inside}/`)).status).toBe(403);
  });

  test('goes to the public address of a name that has a private one too', async () => {
    const server = await httpServer((_, response) => void response.end('reached'));
    const { port } = await openEgress({
      allowHosts: [`127.0.0.2:${server}`, `127.0.0.1:${server}`],
      resolve: async () => [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    });
    expect((await get(port, `http://mixed.example:${server}/`)).text).toBe('reached');
  });

  test('to the port of mail servers is refused', async () => {
    const { port } = await openEgress();
    const { status, text } = await get(port, 'http://1.1.1.1:25/');
    expect([status, text]).toEqual([403, expect.stringMatching(/port of mail servers/)]);
  });

  test('for a name that nobody has is answered with 502', async () => {
    const { port } = await openEgress();
    const { status, text } = await get(port, 'http://nobody-has-this.invalid/');
    expect([status, text]).toEqual([
      502,
      expect.stringMatching(/^nobody-has-this\.invalid has no address \(E/),
    ]);
  });
});
