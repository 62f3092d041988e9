"""The first process of the sandbox, out of the reach of the user's code: starts it, watches it, and answers the engine."""

import os
import signal
import socket
import sys

from calls import Command
from cells import Kernels
from confinement import drop_privileges, limit_supervisor, seal
from files import OPERATIONS, Refused, perform
from frames import Decoder, encode
from loop import Loop
from processes import count_threads, end_all

CHUNK = 1 << 20
MAX_HEAD = 64 << 20
MAX_BODY = 1 << 30
SKELETON = "/etc/skel"


class Supervisor:
    """Answers each request of the engine with exactly one reply of the same id."""

    def __init__(self, channel, loop, limits):
        self.channel = channel
        self.loop = loop
        self.limits = limits
        self.running = {}
        self.kernels = Kernels(self)

    def handle(self, request, body):
        number, operation = request.get("id"), request["op"]
        if operation in ("cell", "command"):
            notes = self._make_room()
            try:
                self._start(self._call(number, request), notes)
            except OSError as error:
                self.reply({"id": number, "refused": "no-space", "message": f"Nothing more could be started in this session: {error}"})
        elif operation == "interrupt":
            call = self.running.get(number)
            if call:
                call.interrupt(request["cause"])
        elif operation == "end-all":
            self._end_all(request["cause"], request["note"])
        else:
            self._file(number, OPERATIONS[operation], request, body)

    def finished(self, call, head, body):
        """A call has its outcome."""
        self.running.pop(call.number, None)
        self.reply({"id": call.number, **head}, body)

    def reply(self, head, body=b""):
        self.channel.sendall(encode(head, body))

    def _call(self, number, request):
        if request["op"] == "cell":
            return self.kernels.run(number, request["code"], request["fresh"])
        return Command(self, number, request["command"])

    def _start(self, call, notes):
        call.notes += notes
        self.running[call.number] = call

    def _file(self, number, operation, request, body):
        try:
            head, content = perform(operation, request, body)
            self.reply({"id": number, **head}, content)
        except Refused as refused:
            self.reply({"id": number, "refused": refused.code, "message": str(refused)})

    def _end_all(self, cause, note):
        for call in self.running.values():
            call.cause = call.cause or cause
            call.notes.append(note)
        end_all()
        self.kernels.give_up_idle()

    def _make_room(self):
        """Where leftovers fill the limit of processes, nothing could start any more: ends them all."""
        if count_threads() < self.limits["processes"]:
            return []
        note = f"Processes left running had reached the limit of {self.limits['processes']}; all were ended."
        self._end_all("crashed", note)
        return [note]


def furnish(home):
    """Copies what a new home directory starts with."""
    for folder, _, names in os.walk(SKELETON):
        place = os.path.join(home, os.path.relpath(folder, SKELETON))
        os.makedirs(place, exist_ok=True)
        for name in names:
            with open(os.path.join(folder, name), "rb") as source, open(os.path.join(place, name), "wb") as copy:
                copy.write(source.read())


def main():
    channel = socket.socket(fileno=int(sys.argv[2]))
    channel.set_inheritable(False)
    decoder = Decoder(MAX_HEAD, MAX_BODY)
    frames = []
    while not frames:
        frames = decoder.feed(channel.recv(CHUNK) or sys.exit("the engine went away"))
    limits = frames.pop(0)[0]
    if os.getuid() == 0:
        drop_privileges(limits["uid"], limits["writable"])
    furnish(os.environ["HOME"])
    seal()
    limit_supervisor(limits["processes"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loop = Loop()
    supervisor = Supervisor(channel, loop, limits)

    def receive(_):
        data = channel.recv(CHUNK)
        if not data:
            sys.exit(0)
        for head, body in decoder.feed(data):
            supervisor.handle(head, body)

    loop.watch(channel.fileno(), receive)
    supervisor.reply({"ready": True})
    for head, body in frames:
        supervisor.handle(head, body)
    loop.run()


if __name__ == "__main__":
    main()
