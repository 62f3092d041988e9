import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sandbox } from '../../../src/engine/sandbox/sandbox.ts';
import { describeSandbox, PATIENT, sandboxes } from './support.ts';

const MiB = 1024 ** 2;

/** A server of many talents, one thread per connection: the first line says what it does. */
const SERVER = `
import hashlib, http.server, socket, socketserver, sys, threading, time
class Talents(socketserver.StreamRequestHandler):
    def handle(self):
        what, _, size = self.rfile.readline().decode().strip().partition(" ")
        if what == "echo":
            while data := self.rfile.read1(65536): self.request.sendall(data)
        elif what == "digest":
            seen = hashlib.sha256()
            while data := self.rfile.read(65536): seen.update(data)
            self.wfile.write(seen.hexdigest().encode())
        elif what == "send":
            block = b"0123456789abcdef" * 4096
            for _ in range(int(size) // len(block)): self.wfile.write(block)
        elif what == "farewell":
            self.wfile.write(b"bye"); self.request.shutdown(socket.SHUT_WR)
            print("heard", self.rfile.read().decode(), flush=True)
        elif what == "deaf":
            time.sleep(1000)
        elif what == "forever":
            try:
                while True: self.wfile.write(b"tick"); time.sleep(0.02)
            except OSError as error: print("broken", flush=True)
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True
class Six(Server): address_family = socket.AF_INET6
class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0
    def do_POST(self):
        self.count += 1
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = f"{self.count} {len(body)}".encode()
        self.send_response(200); self.send_header("content-length", str(len(answer))); self.end_headers(); self.wfile.write(answer)
    def log_message(self, *_): pass
servers = [Server(("127.0.0.1", 8080), Talents), Six(("::1", 8081), Talents), http.server.ThreadingHTTPServer(("127.0.0.1", 8082), Web)]
for server in servers: threading.Thread(target=server.serve_forever).start()
print("ready", flush=True)
`;

/** Starts the server in a sandbox; the lines it prints are added to the array returned. */
async function serve(sandbox: Sandbox): Promise<string[]> {
  const program = await sandbox.spawn(['python', '-c', SERVER]);
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  void (async () => {
    for await (const { data } of program.output) {
      lines.push(...data.toString().split('\n').filter(Boolean));
      ready.resolve();
    }
    ready.reject(new Error(lines.join('\n')));
  })();
  await ready.promise;
  return lines;
}

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 200 && !condition(); attempt++) await pause(50);
  expect(condition()).toBe(true);
}

/** The processor time that the supervisor has used, in clock ticks. */
const effort = async (sandbox: Sandbox) =>
  (await sandbox.runCommand('cat /proc/1/stat', PATIENT)).stdout
    .split(' ')
    .slice(13, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0);

describeSandbox('a connection to a port inside', () => {
  let sandbox: Sandbox;
  let lines: string[];
  beforeAll(async () => {
    sandbox = await sandboxes.start('server');
    lines = await serve(sandbox);
  });
  afterAll(() => sandbox.close());

  const ask = async (first: string, port = 8080): Promise<Duplex> => {
    const connection = await sandbox.connect(port);
    connection.write(`${first}\n`);
    return connection;
  };

  it.each([8080, 8081])('carries bytes both ways, to port %i of whichever loopback', async (port) => {
    const connection = await ask('echo', port);
    connection.write('hello');
    expect(String((await once(connection, 'data'))[0])).toBe('hello');
    connection.end(' and bye');
    expect(await text(connection)).toBe(' and bye');
  });

  it('is refused where nothing listens', async () => {
    await expect(sandbox.connect(9)).rejects.toMatchObject({
      name: 'SandboxError',
      code: 'not-found',
      message: expect.stringContaining('port 9'),
    });
    for (const port of [0, 65_536, 1.5])
      await expect(sandbox.connect(port)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('carries 50 MiB inward, and that they end', async () => {
    const content = randomBytes(50 * MiB);
    const connection = await ask('digest');
    connection.end(content);
    expect(await text(connection)).toBe(createHash('sha256').update(content).digest('hex'));
  });

  it('carries 50 MiB outward, at the pace of the reader', async () => {
    const connection = await ask(`send ${50 * MiB}`);
    await pause(200);
    const received = await buffer(connection);
    expect(received.length).toBe(50 * MiB);
    expect(received.subarray(-16).toString()).toBe('0123456789abcdef');
    connection.end();
  });

  it('stays open inward when the program has ended its side', async () => {
    const connection = await ask('farewell');
    expect(await text(connection)).toBe('bye');
    connection.end('still there');
    await until(() => lines.includes('heard still there'));
  });

  it('ends for the program when it is dropped here', async () => {
    const connection = await ask('forever');
    await once(connection, 'data');
    connection.destroy();
    await until(() => lines.includes('broken'));
  });

  it('carries HTTP with one connection for many requests, as any socket', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let dialled = 0;
    agent.createConnection = (_, callback) => {
      dialled++;
      sandbox.connect(8082).then(
        (connection) => callback?.(null, connection),
        (error) => callback?.(error, undefined as never),
      );
      return undefined;
    };
    const post = async (body: Buffer) => {
      const outgoing = request({ agent, method: 'POST', headers: { 'content-length': body.length } });
      outgoing.end(body);
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      return text(response);
    };
    expect(await post(Buffer.from('x'))).toBe('1 1');
    expect(await post(Buffer.alloc(5 * MiB))).toBe(`2 ${5 * MiB}`);
    expect(await post(Buffer.alloc(0))).toBe('3 0');
    expect(dialled).toBe(1);
    agent.destroy();
  });

  it('is one of many at once', async () => {
    const digests = Array.from({ length: 20 }, async () => {
      const content = randomBytes(MiB);
      const connection = await ask('echo');
      connection.end(content);
      expect((await buffer(connection)).equals(content)).toBe(true);
    });
    await Promise.all(digests);
  });

  it('that nobody reads or uses costs no time', async () => {
    const idle = await ask('echo');
    const deaf = await ask('deaf');
    deaf.end(Buffer.alloc(20 * MiB));
    const unread = await ask(`send ${20 * MiB}`);
    unread.end();
    const gone = await ask('deaf');
    gone.write(Buffer.alloc(20 * MiB));
    await pause(100);
    gone.destroy();
    await pause(300);
    const before = await effort(sandbox);
    await pause(1000);
    expect((await effort(sandbox)) - before).toBeLessThan(20);
    for (const connection of [idle, deaf, unread]) connection.destroy();
  });

  it('leads to its own sandbox, though two listen on the same port', async () => {
    const other = await sandboxes.start('other');
    try {
      const heard = await serve(other);
      const connection = await other.connect(8080);
      connection.end('farewell\nto the other');
      expect(await text(connection)).toBe('bye');
      await until(() => heard.includes('heard to the other'));
      expect(lines).not.toContain('heard to the other');
    } finally {
      await other.close();
    }
  });

  it('still says what came before the sandbox ended, and that it is over', async () => {
    const other = await sandboxes.start('short');
    await serve(other);
    const connection = await other.connect(8080);
    connection.write('echo\nlast words');
    await once(connection, 'readable');
    await other.close();
    expect(await text(connection)).toBe('last words');
    await expect(other.connect(8080)).rejects.toMatchObject({ code: 'ended' });
  });
});

describeSandbox('an outlet', () => {
  it('hands every connection to its own handler, which may be an HTTP server', async () => {
    const web = createServer(async (incoming, response) => {
      response.end(`${incoming.url} ${(await buffer(incoming)).length}`);
    });
    const sandbox = await sandboxes.start('outward', {
      outlets: {
        4510: (socket) => web.emit('connection', socket),
        4511: (socket) => void socket.end('other'),
      },
    });
    try {
      const code = `
import http.client, socket, concurrent.futures
connection = http.client.HTTPConnection("127.0.0.1", 4510)
for path in ("/first", "/second"):
    connection.request("POST", path, b"x" * 3_000_000); print(connection.getresponse().read().decode())
print(socket.create_connection(("127.0.0.1", 4511)).recv(100).decode())
def one(n):
    connection = http.client.HTTPConnection("127.0.0.1", 4510)
    connection.request("GET", f"/{n}"); return connection.getresponse().read().decode()
with concurrent.futures.ThreadPoolExecutor(20) as pool: print(sorted(pool.map(one, range(400))) == sorted(f"/{n} 0" for n in range(400)))
# More than are served at once wait for their turn.
many = [socket.create_connection(("127.0.0.1", 4510)) for _ in range(300)]
for each in many[:100]: each.close()
for each in many[100:]:
    each.sendall(b"GET /late HTTP/1.0\\r\\n\\r\\n")
print(sum(each.recv(12) == b"HTTP/1.1 200" for each in many[100:]))
`;
      const command = await sandbox.spawn(['python', '-c', code]);
      let printed = '';
      for await (const { data } of command.output) printed += data;
      expect(printed).toBe('/first 3000000\n/second 3000000\nother\nTrue\n200\n');
    } finally {
      await sandbox.close();
      web.closeAllConnections();
    }
  });

  it('is there from the first moment, and only where it was asked for', async () => {
    const sandbox = await sandboxes.start('early', { outlets: { 4510: (socket) => void socket.end('hi') } });
    try {
      const look = `python -c "import socket; print(socket.create_connection(('127.0.0.1', PORT)).recv(9))"`;
      expect((await sandbox.runCommand(look.replace('PORT', '4510'), PATIENT)).stdout).toBe("b'hi'\n");
      expect((await sandbox.runCommand(look.replace('PORT', '4511'), PATIENT)).stderr).toContain(
        'ConnectionRefused',
      );
    } finally {
      await sandbox.close();
    }
  });

  it('on a port that cannot be had is an error that says so', async () => {
    await expect(sandboxes.start('low', { outlets: { 80: () => {} } })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/outlets.*Permission denied/),
    });
  });
});
