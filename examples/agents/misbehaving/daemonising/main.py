"""Forks itself away as daemons do, so that the process that was started ends at once while the server lives on."""

import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(b'{"status": "Healthy"}')

    def do_POST(self):
        # One more that is meant to outlive the session.
        subprocess.Popen(["sleep", "86400"], start_new_session=True)
        self._answer(b'{"answer": "still here"}')

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ThreadingHTTPServer(("0.0.0.0", 8080), Server).serve_forever()
os._exit(0)
