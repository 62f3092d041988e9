import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { escapes, PRELUDE } from './escapes.ts';
import { JAVASCRIPT_PRELUDE, javascriptEscapes } from './escapes-javascript.ts';
import { describeSandbox, useSandbox } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'bait-'));
const secret = randomBytes(16).toString('hex');
const secretFile = join(folder, 'credentials');
writeFileSync(secretFile, secret, { mode: 0o644 });
process.env.AWS_SECRET_ACCESS_KEY = secret;

let reached = 0;
const listener = () =>
  createServer((socket) => {
    reached++;
    socket.destroy();
  });
const tcp = listener().listen(0, '127.0.0.1');
const abstractSocket = `bait-${secret.slice(0, 8)}`;
const local = listener().listen(`\0${abstractSocket}`);
await Promise.all([once(tcp, 'listening'), once(local, 'listening')]);
const { port } = tcp.address() as AddressInfo;

const bait = { secretFile, secret, port, abstractSocket };

afterAll(() => {
  tcp.close();
  local.close();
  rmSync(folder, { recursive: true });
  delete process.env.AWS_SECRET_ACCESS_KEY;
});

describeSandbox('from JavaScript, no way leads to', () => {
  const { javascript } = useSandbox();

  beforeAll(async () => {
    expect((await javascript(JAVASCRIPT_PRELUDE)).stderr).toBe('');
  });

  it.each(javascriptEscapes(bait).map((way) => [way.name, way] as const))(
    '%s',
    async (_, { code, denied }) => {
      const outcome = await javascript(code);
      expect((outcome.stdout || outcome.stderr).trim()).toMatch(denied);
    },
  );
});

describeSandbox('from inside, no way leads to', () => {
  const { python, shell } = useSandbox();

  beforeAll(async () => {
    expect((await python(PRELUDE)).stderr).toBe('');
  });

  it.each(escapes(bait).map((way) => [way.name, way] as const))(
    '%s',
    async (_, { code, denied, shell: inShell }) => {
      const outcome = await (inShell ? shell(code) : python(code));
      expect((inShell ? outcome.stdout : outcome.stdout || outcome.stderr).trim()).toMatch(denied);
    },
  );

  it('the listeners of the host, which the host itself does reach', async () => {
    expect(reached).toBe(0);
    for (const target of [{ port }, { path: `\0${abstractSocket}` }]) await once(connect(target), 'close');
    expect(reached).toBe(2);
  });
});
