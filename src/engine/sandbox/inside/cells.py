"""Cells, and the kernel processes they run in. What a kernel says is not trusted: the user's code can say it too."""

import os
import select
import signal
import socket

from calls import Call
from frames import BrokenFrame, Decoder, encode
from outputs import MAX_MESSAGE, valid_outputs
from processes import Stream, describe_end, signal_group, spawn

CHUNK = 1 << 18
# Seconds for a kernel that hung up to end by itself.
LEAVE = 0.5
# Kernels that a cell is given to until one of them has started.
MAX_KERNELS = 2


class Runtime:
    """What kernels run. (`typing` would be a tenth of the time in which a sandbox starts.)"""

    def __init__(self, name, command, told, reserved):
        # For users.
        self.name = name
        self.command = command
        # Whether it hears of interrupts on its channel, too.
        self.told = told
        # Bytes of address space that it takes but does not use.
        self.reserved = reserved


class Cell(Call):
    """Something for a kernel to do: `work` is `{"code": ...}` of the user's, or `{"preload": [...]}`, which leaves no trace in it."""

    def __init__(self, kernels, number, work):
        super().__init__(kernels.supervisor, number)
        self.kernels = kernels
        self.work = work
        self.kernels_tried = 0

    def ask_to_stop(self):
        self.kernels.kernel.interrupt(self)

    def kill(self):
        self.kernels.kernel.kill()


class Kernel:
    """One kernel process with its pipes and its channel."""

    def __init__(self, kernels):
        self.kernels = kernels
        self.loop = kernels.supervisor.loop
        self.ready = False
        self.used = False
        self.cell = None
        self.decoder = Decoder(MAX_MESSAGE, 0)
        self.outgoing = b""
        settings = kernels.supervisor.settings
        self.stdout = Stream(self.loop, settings["outputBytes"])
        self.stderr = Stream(self.loop, settings["outputBytes"])
        self.channel, theirs = socket.socketpair()
        self.channel.setblocking(False)
        runtime = kernels.runtime
        # What is really used is watched from outside.
        settings = {**settings, "memoryBytes": settings["memoryBytes"] + runtime.reserved}
        try:
            self.pid = spawn(runtime.command, settings, self.stdout.writer, self.stderr.writer, theirs.fileno())
        finally:
            theirs.close()
            self.stdout.close_writer()
            self.stderr.close_writer()
        self.loop.on_exit(self.pid, self._exited)
        self.loop.watch(self.channel.fileno(), self._on_channel)

    def run(self, cell):
        self.cell = cell
        cell.kernels_tried += 1
        # Another process of the user's may have stopped it.
        os.kill(self.pid, signal.SIGCONT)
        if self.ready:
            self._give()

    def interrupt(self, cell):
        if self.ready:
            signal_group(self.pid, signal.SIGINT)
            if self.kernels.runtime.told:
                self._send({"interrupt": cell.number})
        else:
            self.cell = None
            self.kernels.ended(cell, 128 + signal.SIGINT, self)

    def kill(self):
        signal_group(self.pid, signal.SIGKILL)

    def close(self):
        """Ends the process, whatever it is doing, and lets go of what belongs to it."""
        self.loop.on_exit(self.pid, lambda _: None)
        self.kill()
        self._release()

    def _kill_leaving(self):
        if self.kernels.kernel is self:
            self.kill()

    def _release(self):
        if self.channel.fileno() >= 0:
            self.loop.forget(self.channel.fileno())
            self.channel.close()
        self.stdout.discard()
        self.stderr.discard()

    def _give(self):
        self.used = self.used or "code" in self.cell.work
        self._send({"id": self.cell.number, **self.cell.work})

    def _send(self, message):
        self.outgoing += encode(message)
        self.loop.watch(self.channel.fileno(), self._on_channel, select.EPOLLIN | select.EPOLLOUT)

    def _on_channel(self, events):
        if events & select.EPOLLOUT:
            self._write()
        if events & ~select.EPOLLOUT and self.channel.fileno() >= 0:
            self._read()

    def _write(self):
        try:
            self.outgoing = self.outgoing[self.channel.send(self.outgoing) :]
        except BlockingIOError:
            return
        except OSError:
            self.outgoing = b""
        if not self.outgoing:
            self.loop.watch(self.channel.fileno(), self._on_channel)

    def _read(self):
        try:
            data = self.channel.recv(CHUNK)
            frames = self.decoder.feed(data)
        except BlockingIOError:
            return
        except (OSError, BrokenFrame):
            data = b""
        if not data:
            # Without its channel a kernel is of no use. Most are ending anyway, and are let to say how.
            self.loop.forget(self.channel.fileno())
            self.loop.after(LEAVE, self._kill_leaving)
            return
        for head, _ in frames:
            self._on_message(head)

    def _on_message(self, message):
        if message.get("ready") is True and not self.ready:
            self.ready = True
            if self.cell:
                self._give()
        elif self.cell and message.get("id") == self.cell.number and self.ready:
            cell, self.cell = self.cell, None
            leaving = message.get("leaving") is True
            exit_code = message.get("exitCode")
            exit_code = exit_code if type(exit_code) is int and 0 <= exit_code <= 255 else 1
            # Python says so itself; JavaScript may not have heard of it yet when what it waits for fails by the signal.
            if exit_code and cell.cause and self.kernels.runtime.told:
                cell.notes.append("Interrupted.")
            self.kernels.ended(cell, exit_code, self, valid_outputs(message.get("outputs")), leaving)

    def _exited(self, exit_code):
        self.kernels.died(self, exit_code)
        self._release()


class Kernels:
    """The kernel at hand, started for the first cell. Replaces it when it is gone or when a cell asks for a fresh one."""

    def __init__(self, supervisor, runtime):
        self.supervisor = supervisor
        self.runtime = runtime
        self.lost = False
        self.kernel = None

    def prepare(self):
        """Has one ready before the first cell."""
        self.kernel = Kernel(self)

    def run(self, number, work, fresh=False):
        """Starts a cell. Raises OSError where no kernel can be started for it."""
        cell = Cell(self, number, work)
        if self.kernel is None or (fresh and self.kernel.used):
            self._end()
            self.kernel = Kernel(self)
        if fresh:
            self.lost = False
        elif self.lost:
            cell.notes.append(f"The {self.runtime.name} process had ended since the last cell; the variables of earlier cells are gone.")
        self.kernel.run(cell)
        return cell

    def ended(self, cell, exit_code, kernel, outputs=(), leaving=False):
        """A cell has an exit code; its kernel lives on unless it is `leaving`."""
        if leaving:
            self.lost = True
            cell.notes.append(f"The cell ended its {self.runtime.name} process; the variables of earlier cells are gone.")
        lost, self.lost = self.lost, False
        cell.finish(exit_code, kernel.stdout, kernel.stderr, outputs=list(outputs), stateLost=lost)
        if leaving:
            self._replace()

    def give_up_idle(self):
        """Every process was just killed: a kernel without a cell, whose end nobody waits for, is replaced at once."""
        if self.kernel and self.kernel.cell is None:
            self.lost = self.lost or self.kernel.used
            self._replace()

    def died(self, kernel, exit_code):
        """A kernel's process has ended by itself or by a signal."""
        cell = kernel.cell
        self.lost = self.lost or kernel.used
        # The code of such a cell was never sent, so nothing of it has happened.
        again = cell and not kernel.ready and cell.cause is None and cell.kernels_tried < MAX_KERNELS
        self.kernel = self._another() if kernel.ready or again else None
        if again and self.kernel:
            self.kernel.run(cell)
        elif cell:
            if cell.cause is None:
                cell.cause = "crashed"
            cell.notes.append(f"The {self.runtime.name} process ended ({describe_end(exit_code)}); the variables of earlier cells are gone.")
            self.ended(cell, exit_code, kernel)

    def _replace(self):
        self._end()
        self.kernel = self._another()

    def _end(self):
        if self.kernel:
            self.kernel.close()
            self.kernel = None

    def _another(self):
        """A new kernel to be ready for the next cell, or none where that has to try again."""
        try:
            return Kernel(self)
        except OSError:
            return None
