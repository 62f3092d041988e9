/** Agents in the standard library alone, as files by name. */

/**
 * Runs the Python that it is sent and answers the variable `answer` as JSON; names live on between calls. `{"stream": n}`
 * answers events, each of which waits for a file /tmp/go-<number>. Answers one request at a time per connection.
 */
export const obedient = {
  'main.py': `
import json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

health = {"status": "Healthy"}
names = globals()

class Agent(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/ping":
            return self.answer(names["health"])
        self.answer({"path": self.path}, 404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        wanted = json.loads(body)
        if "stream" in wanted:
            return self.stream(wanted["stream"])
        names.update(agent=self, headers={k.lower(): v for k, v in self.headers.items()}, answer=None)
        try:
            exec(wanted.get("code", ""), names)
        except Exception as error:
            return self.answer({"error": repr(error)}, 500)
        self.answer(names["answer"])

    def stream(self, count):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for number in range(count):
            while number and not os.path.exists(f"/tmp/go-{number}"):
                time.sleep(0.005)
            self.wfile.write(f"data: {number}\\n\\n".encode())

    def answer(self, value, status=200):
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass

print("listening", flush=True)
ThreadingHTTPServer(("127.0.0.1", 8080), Agent).serve_forever()
`,
};

/** One request at a time, not even a ping beside it. */
export const singleThreaded = {
  'main.py': obedient['main.py'].replaceAll('ThreadingHTTPServer', 'HTTPServer'),
};

/** Answers what it was sent, with its headers, on a port of choice. */
export function echo(port: number): Record<string, string> {
  return {
    'index.mjs': `
import { createServer } from 'node:http';

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  if (url === '/.well-known/agent-card.json') return response.end('{"name":"echo","version":"1"}');
  const body = Buffer.concat(chunks).toString();
  if (body.includes('"initialize"')) response.setHeader('mcp-session-id', 'chosen-by-the-server');
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify({ method, url, headers, body }));
}).listen(${port}, '0.0.0.0');
`,
  };
}

/** Says over a WebSocket where it is and in which session, and then what it is told (texts of up to 125 bytes). */
export const talking = {
  'index.mjs': `
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const frame = (text) => Buffer.concat([Buffer.from([0x81, Buffer.byteLength(text)]), Buffer.from(text)]);

createServer((request, response) => void response.end('{"status":"Healthy"}'))
  .on('upgrade', ({ url, headers }, socket) => {
    const accept = createHash('sha1')
      .update(headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
      .digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write([...head, 'Sec-WebSocket-Accept: ' + accept, '', ''].join('\\r\\n'));
    socket.write(frame(url + ' in ' + headers['x-amzn-bedrock-agentcore-runtime-session-id']));
    socket.on('data', (bytes) => {
      if (bytes[0] !== 0x81) return socket.end();
      const mask = bytes.subarray(2, 6);
      socket.write(frame(Buffer.from(bytes.subarray(6)).map((byte, at) => byte ^ mask[at % 4]).toString()));
    });
  })
  .listen(8080);
`,
};
