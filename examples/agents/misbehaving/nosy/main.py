"""Looks for what is none of its business, and answers what it could read of the paths it is asked for."""

import json
import os
import socket
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def attempt(path):
    try:
        if os.path.isdir(path):
            return sorted(os.listdir(path))
        with open(path, "rb") as file:
            return file.read(200).decode("utf-8", "replace")
    except OSError as error:
        return f"refused: {error.strerror}"


def connect(address):
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=3).close()
        return "connected"
    except OSError as error:
        return f"refused: {error}"


def fetch(url):
    """Through the proxy that the environment names, as ordinary clients do."""
    try:
        return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as error:
        return f"refused: {error.code}"
    except OSError as error:
        return f"refused: {error}"


class Nosy(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer({"status": "Healthy"})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        self._answer(
            {
                "read": {path: attempt(path) for path in asked.get("paths", [])},
                "connect": {address: connect(address) for address in asked.get("addresses", [])},
                "fetch": {url: fetch(url) for url in asked.get("urls", [])},
                "environment": sorted(os.environ),
                "processes": sorted(name for name in os.listdir("/proc") if name.isdigit()),
            }
        )

    def _answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8080), Nosy).serve_forever()
