import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { createEgress } from '../../../src/engine/egress/index.ts';
import { egressPortInside, proxyEnvironment } from '../../../src/engine/egress/inside.ts';
import { silentLog } from '../../../src/engine/log.ts';
import { createSandboxes } from '../../../src/engine/sandbox/index.ts';
import type { Sandbox } from '../../../src/engine/sandbox/sandbox.ts';
import { describeSandbox, PATIENT } from './support.ts';

/** A wheel of one module that knows its version, with a program of the same name. */
async function wheel(name: string, version: string): Promise<Buffer> {
  const zip = new ZipFile();
  const info = `${name}-${version}.dist-info`;
  const files = {
    [`${name}.py`]: `version = "${version}"\ndef main():\n    print("${name}", version)\n`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/entry_points.txt`]: `[console_scripts]\n${name} = ${name}:main\n`,
    [`${info}/RECORD`]: '',
  };
  for (const [path, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), path);
  zip.end();
  return buffer(zip.outputStream);
}

const wheels = new Map<string, Buffer>(
  await Promise.all(
    [['greet', '1.0'] as const, ['greet', '2.0'] as const, ['tabulate', '99.0'] as const].map(
      async ([name, version]) => [`${name}-${version}-py3-none-any.whl`, await wheel(name, version)] as const,
    ),
  ),
);
const asked: string[] = [];
/** An index of packages. */
const index = createServer(({ url = '', headers }, response) => {
  asked.push(`${headers.authorization ?? 'nobody'} ${url}`);
  const [, , name = '', file] = url.split('/');
  const content = file && wheels.get(file);
  if (content) return void response.end(content);
  const links = [...wheels.keys()].filter((of) => of.startsWith(`${name}-`));
  response.setHeader('content-type', 'text/html');
  response.end(links.map((of) => `<a href="/simple/${name}/${of}">${of}</a>`).join('\n'));
}).listen(0, '127.0.0.1');
await once(index, 'listening');
const host = `packages.test:${(index.address() as AddressInfo).port}`;
process.env.PIP_INDEX_URL = `http://ana:s3cret@${host}/simple`;
process.env.PIP_TRUSTED_HOST = 'packages.test';

afterAll(() => {
  index.closeAllConnections();
  index.close();
});

describeSandbox('a sandbox with packages of its own', () => {
  const sandboxes = createSandboxes({});
  const egress = createEgress({
    allowHosts: [host],
    log: silentLog,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await sandboxes.start('own packages', {
      kernel: true,
      installs: true,
      limits: { diskBytes: 64 * 1024 ** 2 },
      environment: proxyEnvironment,
      outlets: { [egressPortInside]: egress.serve },
    });
  });
  afterAll(() => sandboxes.close());

  const shell = async (command: string) => {
    const { stdout, stderr } = await sandbox.runCommand(command, PATIENT);
    return stdout + stderr;
  };
  const python = async (code: string) => {
    const { stdout, stderr } = await sandbox.runCell({ code }, PATIENT);
    return stdout + stderr;
  };

  it('has those of this machine, which count as installed', async () => {
    expect(await python('import numpy\nprint(numpy.arange(3).sum())')).toBe('3\n');
    expect(await shell('pip install numpy')).toContain('Requirement already satisfied: numpy');
    expect(asked).toEqual([]);
  });

  it('installs with %pip and pip, for Python and as programs', async () => {
    expect(await python('%pip install -q greet==1.0\nimport greet\nprint(greet.version)')).toMatch(/^1\.0$/m);
    expect(await shell('greet && pip show greet | grep Version')).toBe('greet 1.0\nVersion: 1.0\n');
    await shell('python -m pip install -q --upgrade greet');
    expect(await shell('greet; python -c "import greet; print(greet.version)"')).toBe('greet 2.0\n2.0\n');
    expect(await shell('pip uninstall -qy greet; command -v greet || echo none')).toContain('none');
  });

  it('prefers what was installed over what this machine has, until that is removed', async () => {
    const version = 'python -c "import tabulate; print(tabulate.__file__)"';
    expect(await shell(version)).toMatch(/^\/opt\/python-packages\//);
    await shell('pip install -q --upgrade tabulate');
    expect(await shell(version)).toMatch(/^\/opt\/python-env\//);
    await shell('pip uninstall -qy tabulate');
    expect(await shell(version)).toMatch(/^\/opt\/python-packages\//);
  });

  it('asks the index of this machine without the password for it', async () => {
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((line) => !line.startsWith('nobody '))).toEqual([]);
    expect(await shell('cat /etc/pip.conf; env; pip config list')).not.toMatch(/s3cret|ana:/);
  });

  it('has room for as much as its working directory may hold, and nothing of it stays', async () => {
    const fill =
      'dd if=/dev/zero of=/opt/python-env/big bs=1M count=100 2>&1 | grep -o "No space.*"; rm /opt/python-env/big';
    expect(await shell(fill)).toBe('No space left on device\n');
    expect(await shell('touch /opt/python-packages/lib/x')).toMatch(/Read-only file system/);
    const other = await sandboxes.start('another', { installs: true });
    const { stdout } = await other.runCommand('ls /opt/python-env/bin', PATIENT);
    expect(stdout).toBe('pip\npip3\npython\npython3\n');
    await other.close();
  });
});
