import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeBrowser } from '../support/browser.ts';
import { stopAfterTest } from '../support/engine.ts';
import { interopPython } from '../support/interop-python.ts';
import { binary } from '../support/mcp-clients.ts';
import { temporaryDir } from '../support/temporary.ts';

const script = (name: string) => join(import.meta.dirname, name);
const awsHosts = ['bedrock-agentcore', 'bedrock-agentcore-control'].map(
  (service) => `${service}.us-east-1.amazonaws.com`,
);

/**
 * Runs clients where AWS's hosts lead to an engine with TLS at port 443: in a mount namespace with an `/etc/hosts` of its own,
 * and a network namespace, in which nobody else has that port.
 * @returns what each printed, as JSON.
 */
async function runAsOnAws(...programs: readonly [string, string][]): Promise<unknown[]> {
  const dataDir = temporaryDir();
  stopAfterTest(dataDir);
  const hosts = join(temporaryDir('hosts'), 'hosts');
  writeFileSync(hosts, `127.0.0.1 localhost ${awsHosts.join(' ')}\n`);
  const lines = [
    'mount --bind "$1" /etc/hosts',
    'shift',
    `"$1" -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 1))'`,
    'shift',
    'exec "$@"',
  ];
  const all = programs.map((program) => JSON.stringify(program));
  const command = [process.execPath, script('aws-hosts.mjs'), binary, dataDir, ...all];
  const { stdout } = await promisify(execFile)(
    'unshare',
    ['--mount', '--net', 'sh', '-euc', lines.join('\n'), 'sh', hosts, interopPython, ...command],
    { timeout: 110_000 },
  );
  return JSON.parse(stdout);
}

const isRoot = process.getuid?.() === 0;
if (!isRoot)
  console.warn(
    'SKIPPED: clients that know AWS’s hosts only. They need namespaces of several users: run as root.',
  );

describeBrowser('clients that know AWS’s hosts only', () => {
  test.skipIf(!isRoot)('drive a session of the engine with TLS', { timeout: 120_000 }, async () => {
    const [python, typescript] = await runAsOnAws(
      [interopPython, script('browser_sdk.py')],
      [process.execPath, script('browser-sdk.mjs')],
    );
    expect(python).toEqual({
      heading: 'Before',
      size: [800, 600],
      name: 'from-python',
      listed: [true],
      refused: 409,
      back: 'Chrome',
      live_view: [200, 'text/html; charset=utf-8'],
      after: 'TERMINATED',
    });
    expect(typescript).toEqual({
      heading: 'After',
      typed: 'Grüße, 世界',
      size: [1000, 700],
      session: { status: 'READY', name: expect.any(String), automation: 'ENABLED' },
      taken: 'DISABLED',
      refused: '409',
      released: 'ENABLED',
      liveView: [200, 'text/html; charset=utf-8'],
      after: 'TERMINATED',
    });
  });
});
