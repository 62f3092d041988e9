"""Prints gigabytes before it answers."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LINE = "x" * 1023 + "\n"
GIGABYTES = 2


class Talkative(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(b'{"status": "Healthy"}')

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        block = LINE * 1024
        for _ in range(GIGABYTES * 1024):
            sys.stdout.write(block)
        print("that was all", flush=True)
        self._answer(b'{"answer": "printed"}')

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8080), Talkative).serve_forever()
