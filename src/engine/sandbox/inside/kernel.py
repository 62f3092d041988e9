"""The user's Python: an IPython shell that runs one cell after another. Everything here is within the user's reach."""

import sys

from frames import LENGTHS, encode

# The user's own modules come next, and one of them may well be called frames.
sys.path.pop(0)
del sys.modules["frames"]

import asyncio
import base64
import builtins
import importlib
import json
import os
import signal
import socket
import warnings

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

# Of a cell's rich outputs, in bytes of JSON.
MAX_OUTPUTS = 32 << 20
CHANNEL = 3


class Outputs:
    """The rich outputs of the cell at hand."""

    def __init__(self):
        self.items = []
        self.size = 0

    def add(self, kind, bundle):
        data = {mime: as_text(value) for mime, value in bundle.items()}
        size = len(json.dumps(data))
        if self.size + size > MAX_OUTPUTS:
            complain(f"An output of {size} bytes was left out: a cell can show {MAX_OUTPUTS} bytes.")
            return
        self.size += size
        self.items.append({"kind": kind, "data": data})

    def clear(self):
        self.__init__()


outputs = Outputs()


def as_text(value):
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return json.dumps(value, default=repr)


class Results(DisplayHook):
    """Collects the value of a cell's last expression instead of printing it."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        outputs.add("result", format_dict)

    def finish_displayhook(self):
        pass


class Displays(DisplayPublisher):
    """Collects what a cell displays."""

    def publish(self, data, metadata=None, **_):
        outputs.add("display", data)

    def clear_output(self, wait=False):
        outputs.clear()


class Shell(InteractiveShell):
    displayhook_class = Type(Results)
    display_pub_class = Type(Displays)
    system = InteractiveShell.system_raw
    leaving = False

    def init_display_formatter(self):
        super().init_display_formatter()
        self.display_formatter.active_types = self.display_formatter.format_types

    def _showtraceback(self, etype, evalue, stb):
        if os.getpid() == PID:
            flush()
            complain(self.InteractiveTB.stb2text(stb))

    def init_magics(self):
        super().init_magics()
        self.register_magic_function(self.run_pip, magic_name="pip")

    def run_pip(self, line):
        """Runs the pip command beside this Python, which tells why it cannot install where there is no internet."""
        self.system(f"{os.path.dirname(sys.executable)}/pip {line}")
        if self.user_ns["_exit_code"] == 0:
            print("Note: what is imported already stays as it is until Python starts anew.")

    def ask_exit(self):
        self.leaving = True


def complain(text):
    """Writes to stderr, whatever the cell has made of sys.stderr."""
    line = f"{text}\n".encode("utf-8", "backslashreplace")
    while line:
        line = line[os.write(2, line) :]


def make_shell():
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.color_info = False
    config.InteractiveShell.autoindent = False
    shell = Shell.instance(config=config)
    shell.loop_runner = run_in_loop
    warnings.filterwarnings("ignore", "You executed the system command !pip ", UserWarning)
    return shell


def run_in_loop(coroutine):
    """Runs a cell with a top-level await; what it started goes on when the loop next runs."""
    task = loop.create_task(coroutine)
    try:
        return loop.run_until_complete(task)
    except KeyboardInterrupt:
        task.cancel()
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        raise


def no_input(prompt="", *_, **__):
    raise EOFError("input() has no keyboard here: put the value into the code instead.")


def no_debugger(*_, **__):
    raise RuntimeError("breakpoint() has no keyboard here: print the values instead.")


def ignore(number, frame):
    """Takes an interrupt that arrives between two cells."""


def run_cell(shell, code):
    """The exit code of a cell; its outputs are in `outputs`."""
    outputs.clear()
    # The shell itself needs them, so a cell cannot leave them out for good.
    sys.stdout = sys.stdout or sys.__stdout__
    sys.stderr = sys.stderr or sys.__stderr__
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        result = shell.run_cell(code, store_history=True)
        signal.signal(signal.SIGINT, ignore)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, ignore)
        complain("KeyboardInterrupt")
        return 1
    error = result.error_before_exec or result.error_in_exec
    if isinstance(error, SystemExit):
        return error.code & 0xFF if isinstance(error.code, int) else int(error.code is not None)
    return int(error is not None)


def preload(modules):
    """Imports modules ahead of the cells that may want them; passes over those that cannot be had."""
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:
            continue


def read_exactly(channel, size):
    data = bytearray()
    while len(data) < size:
        chunk = channel.recv(size - len(data))
        if not chunk:
            os._exit(0)
        data += chunk
    return bytes(data)


def flush():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def main():
    channel = socket.socket(fileno=CHANNEL)
    channel.set_inheritable(False)
    signal.signal(signal.SIGINT, ignore)
    sys.stdout.reconfigure(errors="backslashreplace", write_through=True)
    sys.path.insert(0, "")
    sys.argv = [""]
    shell = make_shell()
    builtins.input = no_input
    sys.breakpointhook = no_debugger
    channel.sendall(encode({"ready": True}))
    while True:
        size, _ = LENGTHS.unpack(read_exactly(channel, LENGTHS.size))
        request = json.loads(read_exactly(channel, size))
        if "preload" in request:
            preload(request["preload"])
            channel.sendall(encode({"id": request["id"], "exitCode": 0}))
            continue
        exit_code = run_cell(shell, request["code"])
        flush()
        if os.getpid() != PID:
            os._exit(exit_code)
        answer = {"id": request["id"], "exitCode": exit_code, "outputs": outputs.items, "leaving": shell.leaving}
        channel.sendall(encode(answer))


PID = os.getpid()
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)

if __name__ == "__main__":
    main()
