"""Programs that run beside the calls, and what they print, handed on as it comes."""

import signal
import time

from calls import Call, overflows
from overflow import Kept
from processes import Pipe, signal_child, signal_group, spawn

# What may be on its way to a reader that has not taken it, per program and in bytes.
WINDOW = 1 << 20
# What the engine needs to keep a piece, in bytes: many small ones fill the window too.
PIECE = 256
# Once a program has used up its allowance, pieces smaller than this are not worth sending.
SMALL = 4096


class Allowance:
    """How many bytes may be handed on: a burst, refilled per second."""

    def __init__(self, burst, per_second):
        self.burst = burst
        self.per_second = per_second
        self.left = burst
        self.refilled = time.monotonic()

    def take(self, size):
        """How many of `size` bytes may go."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.refilled) * self.per_second)
        self.refilled = now
        granted = min(size, int(self.left))
        if granted < size and granted < min(SMALL, self.burst):
            return 0
        self.left -= granted
        return granted


class Unlimited:
    def take(self, size):
        return size


class Print(Pipe):
    """One stream of a program."""

    def __init__(self, program, name, kept):
        self.program = program
        self.name = name
        self.kept = kept
        self.dropped = 0
        self.discarding = False
        super().__init__(program.supervisor.loop)

    def receive(self, data):
        if self.discarding:
            return
        if self.kept:
            data = self._keep(data)
        if data:
            self.program.print(self, data)

    def discard(self):
        """From now on swallows what still comes, so that a process left behind is not stopped by a full pipe."""
        self.discarding = True
        self.resume()

    def _keep(self, data):
        overflowed = self.kept.file
        data = self.kept.add(data)
        if self.kept.file and not overflowed:
            self.program.say({"event": "overflow", "stream": self.name, **self.kept.overflow()})
        return data


class Program(Call):
    """A program in a process group of its own."""

    def __init__(self, supervisor, number, request):
        super().__init__(supervisor, number)
        output = request.get("output") or {}
        self.limited = "burst" in output
        self.allowance = Allowance(output["burst"], output["perSecond"]) if self.limited else Unlimited()
        self.credit = WINDOW
        self.last = False
        self.streams = []
        try:
            for name in ("stdout", "stderr"):
                self.streams.append(Print(self, name, Kept(output["keep"]) if "keep" in output else None))
            self.pid = spawn(
                request["argv"],
                supervisor.settings,
                *(stream.writer for stream in self.streams),
                environment=request["environment"],
                folder=request.get("workingDirectory"),
            )
        except OSError:
            for stream in self.streams:
                stream.close()
            raise
        finally:
            for stream in self.streams:
                stream.close_writer()
        supervisor.loop.on_exit(self.pid, self._exited)
        self.say({"event": "started"})

    def say(self, event, data=b""):
        self.supervisor.reply({"id": self.number, **event}, data)

    def ask_to_stop(self):
        signal_child(self.pid, signal.SIGTERM)

    def kill(self):
        signal_group(self.pid, signal.SIGKILL)

    def signal(self, name):
        signal_child(self.pid, signal.Signals[name])

    def print(self, stream, data):
        """Hands on what there is an allowance and a reader for. Without an allowance the program waits for its reader."""
        awaited = len(data) if self.last or not self.limited else min(len(data), max(0, self.credit))
        size = self.allowance.take(awaited)
        if size:
            self._hand_on(stream, data[:size])
        stream.dropped += len(data) - size
        if self.credit <= 0 and not self.limited and not self.last:
            for each in self.streams:
                each.pause()

    def acknowledge(self, size):
        """The reader has taken so many bytes."""
        self.credit += size
        if self.credit > 0:
            for stream in self.streams:
                stream.resume()

    def _hand_on(self, stream, data):
        self.credit -= len(data) + PIECE
        self.say({"event": "output", "stream": stream.name, "dropped": stream.dropped}, data)
        stream.dropped = 0

    def _exited(self, exit_code):
        """Hands on what is left in the pipes, which is not much, and ends."""
        self.last = True
        if self.cause:
            self.kill()
        for stream in self.streams:
            stream.drain()
            notes = "".join(f"{note}\n" for note in self.notes).encode() if stream.name == "stderr" else b""
            if notes or stream.dropped:
                self._hand_on(stream, notes)
            stream.discard()
        kept = {stream.name: stream.kept.close() for stream in self.streams if stream.kept}
        head = {"exitCode": exit_code, "overflow": overflows(**kept)}
        if self.cause:
            head["interruption"] = self.cause
        self.supervisor.finished(self, head, b"")
