"""Starting and ending the user's processes, and catching what they print."""

import os
import signal

from confinement import limit_child
from overflow import Kept

CHUNK = 1 << 16
# More than a pipe can hold: what was printed before a call ended is in there.
DRAIN = 4 << 20


class Pipe:
    """The reading end of a pipe; `receive` gets what comes out of it."""

    def __init__(self, loop):
        self.loop = loop
        self.fd, self.writer = os.pipe()
        os.set_blocking(self.fd, False)
        self.resume()

    def close_writer(self):
        """To be called once the child has its copy."""
        os.close(self.writer)

    def resume(self):
        if self.fd is not None:
            self.loop.watch(self.fd, lambda _: self._read())

    def pause(self):
        """Reads no more for now: whoever writes has to wait when the pipe is full."""
        if self.fd is not None:
            self.loop.forget(self.fd)

    def drain(self):
        """Reads what is in the pipe."""
        drained = 0
        while drained < DRAIN:
            size = self._read()
            if not size:
                break
            drained += size

    def close(self):
        if self.fd is not None:
            self.loop.forget(self.fd)
            os.close(self.fd)
            self.fd = None

    def _read(self):
        if self.fd is None:
            return 0
        try:
            data = os.read(self.fd, CHUNK)
        except BlockingIOError:
            return 0
        if data:
            self.receive(data)
        else:
            self.close()
        return len(data)


class Stream(Pipe):
    """Keeps the output of a call up to `limit`; what is more goes to a file."""

    def __init__(self, loop, limit):
        self.limit = limit
        self.kept = Kept(limit)
        self.discarding = False
        super().__init__(loop)

    def receive(self, data):
        if not self.discarding:
            self.kept.add(data)

    def take(self):
        """What was printed since the last call, as (bytes, overflow or None)."""
        self.drain()
        kept, self.kept = self.kept, Kept(self.limit)
        return bytes(kept.bytes), kept.close()

    def discard(self):
        """From now on swallows what still comes, so that a process left behind is not stopped by a full pipe."""
        self.discarding = True
        self.kept.close()
        self.kept = Kept(self.limit)


def spawn(argv, settings, stdout, stderr, channel=None, environment=None, folder=None):
    """Starts a process in a session of its own; `channel` becomes its descriptor 3. Returns its pid.

    `environment` comes on top of that of the sandbox, and `folder` takes the place of its working directory.
    """
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if channel is not None:
            os.dup2(channel, 3)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        limit_child(settings)
        os.chdir(folder or ".")
        os.execvpe(argv[0], argv, {**os.environ, **settings["environment"], **(environment or {})})
    except BaseException as error:
        os.write(2, f"{argv[0]} could not be started: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(126)


def signal_group(pid, number):
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


def signal_child(pid, number):
    """Signals the group of a child that has not been waited for yet, or the child alone while it has none."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        os.kill(pid, number)


def end_all():
    """Kills every process of the session but the supervisor, at one stroke."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass


def count_threads():
    """How many processes and threads the session has, as its limit counts them."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                total += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue
    return total


def describe_end(exit_code):
    """E.g. `exit code 3`, or the name of the signal that ended a process."""
    if exit_code <= 128:
        return f"exit code {exit_code}"
    try:
        return signal.Signals(exit_code - 128).name
    except ValueError:
        return f"exit code {exit_code}"
