"""Messages between the processes: two lengths, a JSON head, and a raw body."""

import json
import struct

LENGTHS = struct.Struct(">II")


class BrokenFrame(Exception):
    """What arrived cannot be read as frames any more."""


def encode(head, body=b""):
    """One frame as bytes. The head is ASCII, so that any string of Python's fits."""
    text = json.dumps(head).encode("ascii")
    return b"".join((LENGTHS.pack(len(text), len(body)), text, body))


class Decoder:
    """Takes bytes as they arrive and gives the complete frames."""

    def __init__(self, max_head, max_body):
        self.max_head = max_head
        self.max_body = max_body
        self.pending = bytearray()

    def feed(self, data):
        """The frames that `data` completes, as (head, body). Raises BrokenFrame on what no honest sender sends."""
        self.pending += data
        frames = []
        while len(self.pending) >= LENGTHS.size:
            head_size, body_size = LENGTHS.unpack_from(self.pending)
            if head_size > self.max_head or body_size > self.max_body:
                raise BrokenFrame("a frame larger than allowed")
            head_end = LENGTHS.size + head_size
            end = head_end + body_size
            if len(self.pending) < end:
                break
            head = self._head(bytes(self.pending[LENGTHS.size : head_end]))
            frames.append((head, bytes(self.pending[head_end:end])))
            del self.pending[:end]
        return frames

    @staticmethod
    def _head(text):
        try:
            head = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BrokenFrame("a head that is no JSON") from error
        if not isinstance(head, dict):
            raise BrokenFrame("a head that is no object")
        return head
