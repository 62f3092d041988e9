"""Relays: connections carried between the ports inside and the engine's door, both ways, bytes and ends alike."""

import select
import socket

from dial import Dial

CHUNK = 1 << 16
# What may wait for a reader, per direction and in bytes; until some of it is taken no more is read.
ROOM = 1 << 17
# Seconds until a full table of files is tried again.
PAUSE = 0.02
# Connections to outlets at once; more wait in the queue of the port.
MAX_OUTGOING = 256
BACKLOG = 128
# What says to the engine which connection is which has this size, so that nothing behind it is read with it.
FIRST_LINE = 40


def first_line(text):
    return text.ljust(FIRST_LINE - 1).encode("ascii") + b"\n"


class End:
    """One of the two connections of a relay, with what still has to be written to it."""

    def __init__(self, connection, pending=b""):
        self.connection = connection
        self.pending = bytearray(pending)
        self.events = None
        # Nothing more comes from it; nothing more can be written to it; both, as the other side said.
        self.ended = False
        self.shut = False
        self.gone = False

    def read(self):
        """The next bytes; None while there are none, empty where no more come."""
        try:
            data = self.connection.recv(CHUNK)
            self._acknowledge()
            return data
        except BlockingIOError:
            return None
        except OSError:
            self.lose()
            return b""

    def _acknowledge(self):
        """At once: a server that sends its answer in two pieces waits for this, which the kernel puts off by 40 ms."""
        if self.connection.family != socket.AF_UNIX:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def write(self, data=b""):
        if self.pending or not data:
            self.pending += data
            del self.pending[: self._send(self.pending)]
        else:
            self.pending += data[self._send(data) :]
        if self.shut:
            self.pending.clear()

    def _send(self, data):
        try:
            return self.connection.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self.lose()
            return 0

    def lose(self):
        self.gone = self.shut = True
        self.pending.clear()

    def finish(self):
        """Tells the other side that nothing more comes."""
        self.shut = True
        try:
            self.connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Relay:
    """Two connections joined. Closes both when nothing more can go either way, and calls `closed`."""

    def __init__(self, loop, inside, door, line, closed=lambda: None):
        self.loop = loop
        self.ends = End(inside), End(door, line)
        self.closed = closed
        self._settle()

    def _on_events(self, end, other, events):
        if events & (select.EPOLLHUP | select.EPOLLERR):
            end.lose()
        elif events & select.EPOLLOUT and end.pending:
            end.write()
        if not end.ended and len(other.pending) < ROOM:
            data = end.read()
            if data == b"":
                end.ended = True
            elif data and not other.shut:
                other.write(data)
        self._settle()

    def _settle(self):
        first, second = self.ends
        for end, other in ((first, second), (second, first)):
            if other.ended and not end.pending and not end.shut:
                end.finish()
        if first.shut and second.shut:
            self._close()
            return
        for end, other in ((first, second), (second, first)):
            self._watch(end, other)

    def _watch(self, end, other):
        events = 0
        if not end.ended and len(other.pending) < ROOM:
            events |= select.EPOLLIN
        if end.pending:
            events |= select.EPOLLOUT
        # Of one that is gone the kernel reports nothing else, and that without end.
        if end.gone and not events:
            events = None
        if events == end.events:
            return
        end.events = events
        if events is None:
            self.loop.forget(end.connection.fileno())
        else:
            self.loop.watch(end.connection.fileno(), lambda events: self._on_events(end, other, events), events)

    def _close(self):
        for end in self.ends:
            self.loop.forget(end.connection.fileno())
            end.connection.close()
        self.closed()


class Relays:
    """The relays of a sandbox: inward on demand of the engine, outward from its outlets."""

    def __init__(self, loop, door, outlets):
        """Listens on the ports of `outlets`. Raises OSError where that is not possible."""
        self.loop = loop
        self.door = [(socket.AF_UNIX, door)]
        self.outgoing = 0
        self.listeners = {}
        for port in outlets:
            listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
            listener.setblocking(False)
            self.listeners[port] = listener
        self._listen()

    def connect(self, port, ticket, answer):
        """Joins a port inside to the door under a ticket; `answer` gets what is in the way of it, or None."""

        def reached(inside):
            if inside is None:
                answer(("not-found", f"Nothing answers on port {port} in this sandbox."))
                return

            def opened(door):
                if door is None:
                    inside.close()
                    answer(("no-space", "No further connection is possible; close others."))
                else:
                    Relay(self.loop, inside, door, first_line(f"ticket {ticket}"))
                    answer(None)

            Dial(self.loop, self.door, opened)

        Dial(self.loop, [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port))], reached)

    def _listen(self):
        for port, listener in self.listeners.items():
            self.loop.watch(listener.fileno(), lambda _, port=port: self._accept(port))

    def _rest(self):
        for listener in self.listeners.values():
            self.loop.forget(listener.fileno())

    def _accept(self, port):
        try:
            inside, _ = self.listeners[port].accept()
        except BlockingIOError:
            return
        except OSError:
            self._rest()
            self.loop.after(PAUSE, self._resume)
            return
        inside.setblocking(False)
        inside.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.outgoing += 1
        if self.outgoing >= MAX_OUTGOING:
            self._rest()

        def opened(door):
            if door is None:
                inside.close()
                self._left()
            else:
                Relay(self.loop, inside, door, first_line(f"outlet {port}"), self._left)

        Dial(self.loop, self.door, opened)

    def _left(self):
        self.outgoing -= 1
        self._resume()

    def _resume(self):
        if self.outgoing < MAX_OUTGOING:
            self._listen()
