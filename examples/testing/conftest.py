"""Fixtures for tests of agents against a local AgentCore. Copy this file next to your tests; it needs pytest and boto3.

The engine is started by the command in AGENTCORE_ENGINE, for example `node /path/to/agentcore-mcp/dist/cli.js`, or by the
installed `agentcore-mcp`. It keeps nothing, and ends with pytest however that ends.
"""

import json
import os
import queue
import shlex
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

COMMAND = shlex.split(os.environ.get("AGENTCORE_ENGINE", "agentcore-mcp"))
START_SECONDS = 60
CALL_SECONDS = 60

# Runs the engine until it ends, or standard input does: when pytest has gone, also by a kill.
KEEPER = """
import os, subprocess, sys, threading
engine = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (os.read(0, 1), engine.terminate()), daemon=True).start()
engine.wait()
"""


class Engine:
    """A running engine. `ready` is the line that it printed."""

    def __init__(self, ready):
        self.url = ready["url"]
        self._control = ready["controlUrl"]
        self._token = ready["controlToken"]

    def reset(self):
        """Ends every session, removes everything, and sets the clock back to real time."""
        self._call("POST", "/reset")

    def advance(self, seconds):
        """Moves the clock of sessions, tokens and logs forward. Answers what it shows then."""
        return self._call("POST", "/clock", {"advanceMs": round(seconds * 1000)})["now"]

    def fail(self, operation, error=None, **rule):
        """Makes an operation fail, or wait, from now on: fail("InvokeAgentRuntime", "ThrottlingException", times=1).

        Further parts of a rule are message, delayMs, after and probability. Earlier rules stay.
        """
        known = [{k: v for k, v in old.items() if k != "struck"} for old in self.faults()]
        added = {"operation": operation, **({"error": error} if error else {}), **rule}
        self._call("PUT", "/faults", [*known, added])

    def faults(self):
        """The rules, and how often each has struck."""
        return self._call("GET", "/faults")

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            self._control + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}"},
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=CALL_SECONDS) as response:
                return json.loads(response.read() or "null")
        except urllib.error.HTTPError as refusal:
            raise RuntimeError(json.loads(refusal.read())["message"]) from None


@pytest.fixture(scope="session")
def agentcore_engine():
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, *COMMAND, "engine", "--ephemeral", "--port", "0", "--log-level", "warn"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        ready = _ready_line(keeper)
        with pytest.MonkeyPatch.context() as environment:
            _point_sdks_at(ready["dataDir"], environment)
            yield Engine(ready)
    finally:
        keeper.stdin.close()
        keeper.wait(timeout=CALL_SECONDS)


@pytest.fixture(autouse=True)
def agentcore(agentcore_engine):
    """The engine, empty at the start of each test."""
    agentcore_engine.reset()
    return agentcore_engine


def _ready_line(keeper):
    lines = queue.Queue()
    threading.Thread(target=lambda: lines.put(keeper.stdout.readline()), daemon=True).start()
    try:
        line = lines.get(timeout=START_SECONDS)
    except queue.Empty:
        raise RuntimeError(f"The engine was not ready after {START_SECONDS} s.") from None
    if not line:
        raise RuntimeError(f"The engine did not start with: {shlex.join(COMMAND)}. What it printed says why.")
    return json.loads(line)


def _point_sdks_at(data_dir, environment):
    """Sets what `agentcore-mcp env` prints: the engine's addresses and keys, and nothing that would override them."""
    printed = subprocess.run(
        [*COMMAND, "env", "--data-dir", data_dir], check=True, capture_output=True, text=True, timeout=START_SECONDS
    ).stdout
    for words in (shlex.split(line, comments=True) for line in printed.splitlines()):
        if words[:1] == ["unset"]:
            environment.delenv(words[1], raising=False)
        elif words[:1] == ["export"]:
            environment.setenv(*words[1].split("=", 1))
