"""An agent in the standard library that says which version it is, and what it was asked in its session so far."""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = None
prompts = []


class Agent(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"status": "Healthy"})

    def do_POST(self):
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "stream" in payload:
            return self.stream(payload["stream"])
        prompts.append(payload["prompt"])
        print("asked", payload["prompt"], flush=True)
        with open("/tmp/prompts", "a") as file:
            file.write(payload["prompt"] + "\n")
        session = self.headers["X-Amzn-Bedrock-AgentCore-Runtime-Session-Id"]
        greeting = os.environ.get("GREETING")
        self.answer({"version": VERSION, "prompts": prompts, "greeting": greeting, "session": session})

    def stream(self, count):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number in range(count):
            self.wfile.write(f"data: {number}\n\n".encode())
            time.sleep(0.05)

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8080), Agent).serve_forever()
