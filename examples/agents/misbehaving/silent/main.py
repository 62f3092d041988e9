"""Healthy, but never answers an invocation."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Silent(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"status": "Healthy"}')

    def do_POST(self):
        print("asked, and silent", flush=True)
        time.sleep(24 * 3600)


ThreadingHTTPServer(("0.0.0.0", 8080), Silent).serve_forever()
