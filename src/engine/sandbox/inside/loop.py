"""The supervisor's event loop: file descriptors, timers, and children that end."""

import heapq
import itertools
import os
import select
import signal
import time


class Loop:
    def __init__(self):
        self.epoll = select.epoll()
        self.handlers = {}
        self.timers = []
        self.order = itertools.count()
        self.children = {}
        self._watch_children()

    def watch(self, fd, handler, events=select.EPOLLIN):
        """Calls `handler(events)` whenever `fd` is ready; replaces an earlier watch of it."""
        if fd in self.handlers:
            self.epoll.modify(fd, events)
        else:
            self.epoll.register(fd, events)
        self.handlers[fd] = handler

    def forget(self, fd):
        if self.handlers.pop(fd, None):
            self.epoll.unregister(fd)

    def after(self, seconds, action):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.order), action))

    def on_exit(self, pid, handler):
        """Calls `handler(exit_code)` when the child ends; 128 and the signal's number where a signal ended it."""
        self.children[pid] = handler

    def run(self):
        while True:
            ready = [(fd, events, self.handlers.get(fd)) for fd, events in self.epoll.poll(self._patience())]
            for fd, events, handler in ready:
                # An earlier one may have closed it, and the number may already be that of another.
                if handler and self.handlers.get(fd) is handler:
                    handler(events)
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()

    def _patience(self):
        return max(0, self.timers[0][0] - time.monotonic()) if self.timers else -1

    def _watch_children(self):
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

        def reap(_):
            os.read(reader, 4096)
            self._reap()

        self.watch(reader, reap)

    def _reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            handler = self.children.pop(pid, None)
            if handler:
                code = os.waitstatus_to_exitcode(status)
                handler(code if code >= 0 else 128 - code)
