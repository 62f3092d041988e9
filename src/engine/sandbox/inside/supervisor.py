"""The first process of the sandbox, out of the reach of the user's code: starts it, watches it, and answers the engine."""

import os
import signal
import socket
import sys

from calls import Command
from cells import Kernels, Runtime
from confinement import close_inherited, drop_privileges, limit_supervisor, seal
from files import OPERATIONS, Refused, perform, start_in
from frames import Decoder, encode
from loop import Loop
from overflow import share_memory
from printing import Program
from processes import count_threads, end_all
from relays import Relays

CHUNK = 1 << 20
MAX_HEAD = 64 << 20
MAX_BODY = 1 << 30
SKELETON = "/etc/skel"
NO_DENO = "There is no Deno on this machine, so that Node.js ran this. For Deno itself, install Deno 2 and restart the engine."


class Supervisor:
    """Answers each request of the engine with exactly one reply of the same id; before it, a program's come as events."""

    def __init__(self, channel, loop, settings):
        self.channel = channel
        self.loop = loop
        self.settings = settings
        self.running = {}
        self.told_of_deno = False
        self.kernels = {name: Kernels(self, Runtime(**runtime)) for name, runtime in settings["runtimes"].items()}
        self.relays = Relays(loop, settings["door"], settings["outlets"])

    def handle(self, request, body):
        number, operation = request.get("id"), request["op"]
        call = self.running.get(number)
        if operation in ("cell", "preload", "command", "program"):
            self._start(number, request)
        elif operation == "connect":
            self._connect(number, request)
        elif operation == "end-all":
            self._end_all(request["cause"], request["note"])
        elif operation in OPERATIONS:
            self._file(number, OPERATIONS[operation], request, body)
        elif call and operation == "interrupt":
            call.interrupt(request["cause"])
        elif call and operation == "signal":
            call.signal(request["signal"])
        elif call and operation == "acknowledge":
            call.acknowledge(request["bytes"])

    def finished(self, call, head, body):
        """A call has its outcome."""
        self.running.pop(call.number, None)
        self.reply({"id": call.number, **head}, body)

    def reply(self, head, body=b""):
        self.channel.sendall(encode(head, body))

    def refuse(self, number, code, message):
        self.reply({"id": number, "refused": code, "message": message})

    def _start(self, number, request):
        notes = []
        if not self._has_room():
            if any(isinstance(call, Program) for call in self.running.values()):
                self.refuse(number, "no-space", f"The limit of {self.settings['processes']} processes is reached: end some, or start a new session.")
                return
            notes.append(self._make_room())
        try:
            call = self._call(number, request)
            call.notes += notes
            self.running[number] = call
        except OSError as error:
            self.refuse(number, "no-space", f"Nothing more could be started in this session: {error}")

    def _call(self, number, request):
        if request["op"] == "cell":
            return self._cell(number, request)
        if request["op"] == "preload":
            return self.kernels["python"].run(number, {"preload": request["modules"]})
        if request["op"] == "command":
            return Command(self, number, request["command"])
        return Program(self, number, request)

    def _cell(self, number, request):
        kernels = self.kernels.get(request["runtime"])
        work = {"code": request["code"], "language": request["language"]}
        cell = (kernels or self.kernels["nodejs"]).run(number, work, request["fresh"])
        if kernels is None and not self.told_of_deno:
            self.told_of_deno = True
            cell.notes.append(NO_DENO)
        return cell

    def _connect(self, number, request):
        def answer(refusal):
            if refusal:
                self.refuse(number, *refusal)
            else:
                self.reply({"id": number})

        self.relays.connect(request["port"], request["ticket"], answer)

    def _file(self, number, operation, request, body):
        try:
            head, content = perform(operation, request, body)
            self.reply({"id": number, **head}, content)
        except Refused as refused:
            self.refuse(number, refused.code, str(refused))

    def _end_all(self, cause, note):
        for call in self.running.values():
            call.cause = call.cause or cause
            call.notes.append(note)
        end_all()
        for kernels in self.kernels.values():
            kernels.give_up_idle()

    def _has_room(self):
        return count_threads() < self.settings["processes"]

    def _make_room(self):
        """Leftovers fill the limit of processes, so that nothing could start any more: ends them all, and says so."""
        note = f"Processes left running had reached the limit of {self.settings['processes']}; all were ended."
        self._end_all("crashed", note)
        return note


def furnish(home):
    """Copies what a new home directory starts with."""
    for folder, _, names in os.walk(SKELETON):
        place = os.path.join(home, os.path.relpath(folder, SKELETON))
        os.makedirs(place, exist_ok=True)
        for name in names:
            with open(os.path.join(folder, name), "rb") as source, open(os.path.join(place, name), "wb") as copy:
                copy.write(source.read())


def main():
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    close_inherited(channel.fileno())
    decoder = Decoder(MAX_HEAD, MAX_BODY)
    frames = []
    while not frames:
        frames = decoder.feed(channel.recv(CHUNK) or sys.exit("the engine went away"))
    settings = frames.pop(0)[0]
    if os.getuid() == 0:
        drop_privileges(settings["uid"], settings["writable"])
    furnish(os.environ["HOME"])
    seal()
    limit_supervisor(settings["processes"])
    # As the first process it is spared by what it does not handle, and what it starts is to heed it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    loop = Loop()
    share_memory(settings["memoryBytes"])
    try:
        start_in(settings["workingDirectory"])
        supervisor = Supervisor(channel, loop, settings)
    except OSError as error:
        sys.exit(f"its working directory or one of its outlets cannot be had: {error}")
    if settings["kernel"]:
        supervisor.kernels["python"].prepare()

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
