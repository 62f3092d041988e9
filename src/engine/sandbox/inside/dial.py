"""Connecting without waiting."""

import errno
import select
import socket

# Seconds after which a connection that is not answered is given up.
PATIENCE = 10.0
# Seconds until a full queue is tried again.
PAUSE = 0.02


class Dial:
    """Connects to the first of some addresses that answers, without waiting: `done` gets the connection, or None."""

    def __init__(self, loop, addresses, done):
        self.loop = loop
        self.addresses = list(addresses)
        self.done = done
        self.connection = None
        loop.after(PATIENCE, self._give_up)
        self._next()

    def _next(self):
        self._drop()
        if not self.addresses:
            self._finish(None)
            return
        family, self.address = self.addresses.pop(0)
        try:
            self.connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            if family != socket.AF_UNIX:
                self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            self._next()
            return
        self._connect()

    def _connect(self):
        if self.connection is None:
            return
        outcome = self.connection.connect_ex(self.address)
        if outcome == errno.EINPROGRESS:
            self.loop.watch(self.connection.fileno(), self._answered, select.EPOLLOUT)
        elif outcome == errno.EAGAIN:
            self.loop.after(PAUSE, self._connect)
        else:
            self._judge(outcome)

    def _answered(self, _):
        self.loop.forget(self.connection.fileno())
        self._judge(self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    def _judge(self, outcome):
        if outcome:
            self._next()
        else:
            connection, self.connection = self.connection, None
            self._finish(connection)

    def _give_up(self):
        if self.done:
            self.addresses.clear()
            self._next()

    def _drop(self):
        if self.connection:
            self.loop.forget(self.connection.fileno())
            self.connection.close()
            self.connection = None

    def _finish(self, connection):
        done, self.done = self.done, None
        done(connection)
