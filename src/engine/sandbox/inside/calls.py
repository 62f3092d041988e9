"""Calls that run the user's code: what a command and a cell have in common, and the command."""

import signal
import time

from processes import Stream, signal_group, spawn

# Seconds between asking code to stop and killing it.
GRACE = 2.0


class Call:
    """Something of the user's that runs until it has an exit code, or is interrupted for a `cause`."""

    def __init__(self, supervisor, number):
        self.supervisor = supervisor
        self.number = number
        self.cause = None
        self.notes = []
        self.started = time.monotonic()

    def interrupt(self, cause):
        """Asks to stop, and makes sure of it after a while."""
        if self.cause is None:
            self.cause = cause
            self.ask_to_stop()
            # The first signal is lost on code that was only about to start.
            self._later(GRACE / 2, self.ask_to_stop)
            self._later(GRACE, self.kill)

    def _later(self, seconds, action):
        self.supervisor.loop.after(seconds, lambda: self.supervisor.running.get(self.number) is self and action())

    def finish(self, exit_code, stdout, stderr, **more):
        """Answers the engine."""
        out, out_overflow = stdout.take()
        err, err_overflow = stderr.take()
        err += "".join(f"{note}\n" for note in self.notes).encode("utf-8", "replace")
        head = {
            "stdoutBytes": len(out),
            "overflow": overflows(stdout=out_overflow, stderr=err_overflow),
            "exitCode": exit_code,
            "seconds": round(time.monotonic() - self.started, 6),
            **more,
        }
        if self.cause:
            head["interruption"] = self.cause
        self.supervisor.finished(self, head, out + err)


def overflows(**streams):
    """Those of the streams that have one."""
    return [{"stream": name, **overflow} for name, overflow in streams.items() if overflow]


class Command(Call):
    """A command under /bin/sh, in a process group of its own."""

    def __init__(self, supervisor, number, text):
        super().__init__(supervisor, number)
        settings = supervisor.settings
        self.stdout = Stream(supervisor.loop, settings["outputBytes"])
        self.stderr = Stream(supervisor.loop, settings["outputBytes"])
        argv = ["/bin/sh", "-c", text]
        try:
            self.pid = spawn(argv, settings, self.stdout.writer, self.stderr.writer)
        finally:
            self.stdout.close_writer()
            self.stderr.close_writer()
        supervisor.loop.on_exit(self.pid, self._exited)

    def ask_to_stop(self):
        signal_group(self.pid, signal.SIGTERM)

    def kill(self):
        signal_group(self.pid, signal.SIGKILL)

    def _exited(self, exit_code):
        if self.cause:
            self.kill()
        self.finish(exit_code, self.stdout, self.stderr)
        self.stdout.discard()
        self.stderr.discard()
