import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import {
  BedrockAgentCoreControlClient,
  type CodeInterpreterNetworkMode,
  CreateCodeInterpreterCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeSandbox } from '../../../support/sandbox.ts';
import { inSession, startSession, useEngine } from './support.ts';

/** A server that stands for the internet, and one of this machine that no sandbox may reach. */
const [outside, inside] = await Promise.all(
  ['127.0.0.2', '127.0.0.1'].map(async (host) => {
    const seen: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      seen.push(url);
      response.end('reached');
    }).listen(0, host);
    await once(server, 'listening');
    return { server, seen, port: (server.address() as AddressInfo).port };
  }),
);
if (!outside || !inside) throw new Error('There are no servers.');
const open = `127.0.0.2:${outside.port}`;
afterAll(() => {
  outside.server.close();
  inside.server.close();
});

const engine = useEngine({ agents: { allowHosts: [open], strictRuntime: false } });

/** Tools of a new session of a new interpreter. */
async function session(name: string, networkMode: CodeInterpreterNetworkMode) {
  const control = new BedrockAgentCoreControlClient(engine.config());
  const vpcConfig = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] };
  const networkConfiguration = { networkMode, ...(networkMode === 'VPC' && { vpcConfig }) };
  const made = await control.send(new CreateCodeInterpreterCommand({ name, networkConfiguration }));
  control.destroy();
  const codeInterpreterIdentifier = made.codeInterpreterId ?? '';
  const sessionId = await startSession(engine.client(), { codeInterpreterIdentifier });
  return inSession(engine.client(), sessionId, codeInterpreterIdentifier);
}

const outputOf = async (answer: ReturnType<Awaited<ReturnType<typeof session>>['shell']>) => {
  const { stdout = '', stderr = '' } = (await answer).structuredContent ?? {};
  return stdout + stderr;
};

/** What a request through the proxy is answered, by its first line. */
const PRELUDE = `
import os, socket, urllib.request
def ask(text, port=4511):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        s.sendall(text.encode())
        answer = b""
        while chunk := s.recv(65536): answer += chunk
    return answer.decode("latin1")
def first(text): return ask(text).split("\\r\\n")[0]
`;

describeSandbox('a session with internet', () => {
  let tools: Awaited<ReturnType<typeof session>>;
  beforeAll(async () => {
    tools = await session('public', 'PUBLIC');
    await tools.python(PRELUDE);
  });
  const python = (code: string) => outputOf(tools.python(code));

  test('reaches it from Python, JavaScript and the shell without further ado', async () => {
    expect(await python(`print(urllib.request.urlopen("http://${open}/python").read().decode())`)).toBe(
      'reached',
    );
    expect(await outputOf(tools.shell(`curl -sS http://${open}/shell`))).toBe('reached');
    const code = `console.log(await (await fetch('http://${open}/javascript')).text())`;
    const fetching = tools.tool('executeCode', { language: 'javascript', runtime: 'nodejs', code });
    expect(await outputOf(fetching)).toBe('reached');
    expect(outside.seen).toEqual(['/python', '/shell', '/javascript']);
  });

  test.each([
    ['a private address', '10.0.0.1', /it is a private address/],
    ['a link-local address', '169.254.1.1', /it is a link-local address/],
    ['the metadata of clouds', '169.254.169.254', /credentials of machines/],
    ['this machine', '127.0.0.1', /it is this machine itself/],
    ['this machine by its name', hostname(), /this machine|attached to|private|has no address/],
    ['this machine in another spelling', '0x7f.1', /it is this machine itself/],
    ['this machine as IPv6', '[::ffff:127.0.0.1]', /it is this machine itself/],
  ])('does not reach %s', async (_what, host, why) => {
    const target = `${host}:${inside.port}`;
    for (const request of [`CONNECT ${target} HTTP/1.1`, `GET http://${target}/ HTTP/1.1`]) {
      const line = await python(`print(first("${request}\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"))`);
      expect(line).toMatch(/^HTTP\/1\.1 (403 Sandboxes may not reach|502) /);
      expect(line).toMatch(why);
    }
  });

  test('reaches neither the engine nor what hides behind a request that is allowed', async () => {
    const port = Number(new URL(String(engine.config().endpoint)).port);
    expect(
      await python(`print(first("CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"))`),
    ).toMatch(/^HTTP\/1\.1 403 /);
    const direct = (to: number) =>
      python(`
try: print(ask("GET / HTTP/1.0\\r\\n\\r\\n", ${to}))
except OSError as error: print(type(error).__name__)`);
    expect(await direct(port)).toBe('ConnectionRefusedError');
    expect(await direct(4510)).toBe('ConnectionRefusedError');
    expect(
      await python('print(sorted(name for name in os.environ if "AWS" in name or "AGENTCORE" in name))'),
    ).toBe('[]');
    const smuggled = [
      `GET http://${open}/one HTTP/1.1\\r\\nHost: 127.0.0.1:${inside.port}\\r\\n\\r\\n`,
      `GET http://127.0.0.1:${inside.port}/two HTTP/1.1\\r\\nHost: ${open}\\r\\nConnection: close\\r\\n\\r\\n`,
    ];
    const answers = await python(`print(ask("${smuggled.join('')}"))`);
    expect(answers).toMatch(/200 OK.*reached.*403 Sandboxes may not reach/s);
    expect(outside.seen).toContain('/one');
    expect(inside.seen).toEqual([]);
  });

  test('has it also where its interpreter names a VPC', async () => {
    const { shell } = await session('vpc', 'VPC');
    expect(await outputOf(shell(`curl -sS http://${open}/vpc`))).toBe('reached');
  });
});

describeSandbox('a session without internet', () => {
  test('reaches nothing, whoever made its interpreter, and says how it could', async () => {
    const { python, shell } = await session('closed', 'SANDBOX');
    expect(await outputOf(shell(`env | grep -i proxy; curl -sS http://${open}/closed`))).toMatch(/^curl: /);
    await python(PRELUDE);
    const proxy = `
try: print(first("GET http://${open}/ HTTP/1.0\\r\\n\\r\\n"))
except OSError as error: print(type(error).__name__)`;
    expect(await outputOf(python(proxy))).toBe('ConnectionRefusedError');
    expect(await outputOf(shell('pip install nosuch'))).toMatch(
      /no internet here.*internet: true.*networkMode is PUBLIC/s,
    );
    expect(outside.seen).not.toContain('/closed');
  });
});
