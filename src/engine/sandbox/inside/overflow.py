"""Output that is more than an answer carries: a file takes all of it. The folder is the user's, so nothing in it is trusted."""

import errno
import itertools
import json
import os

# In the working directory; not hidden, because what is hidden cannot be downloaded.
FOLDER = "long-output"
# Of the memory limit, in which the working directory counts: what all these files together may take.
SHARE = 1 / 8
# How many names may be taken already.
TRIES = 100

most = 0
numbers = itertools.count(1)
written = []


def share_memory(limit):
    """Settles how many bytes of a limit these files may have together."""
    global most
    most = int(limit * SHARE)


class Kept:
    """The first bytes of a stream, as many as have `limit` bytes as JSON text. Once there are more, a file takes them all."""

    def __init__(self, limit):
        self.bytes = bytearray()
        self.room = limit
        self.total = 0
        self.file = None

    def add(self, data):
        """Returns what of it is kept."""
        self.total += len(data)
        if self.file:
            self.file.write(data)
            return b""
        kept = beginning(data, self.room)
        self.bytes += kept
        self.room -= json_size(kept)
        if len(kept) < len(data):
            self.file = File()
            self.file.write(self.bytes)
            self.file.write(data[len(kept) :])
        return kept

    def overflow(self):
        """What the engine is told of a stream that was not kept as a whole; otherwise None."""
        if self.file is None:
            return None
        told = {"bytes": self.total, "file": self.file.path, "savedBytes": self.file.saved, "problem": self.file.problem}
        return {name: value for name, value in told.items() if value is not None}

    def close(self):
        """The same; nothing is added any more."""
        if self.file:
            self.file.close()
        return self.overflow()


class File:
    """Takes as much as there is room for, and remembers why it takes no more. Never raises, never waits."""

    def __init__(self):
        self.path = None
        self.saved = 0
        self.problem = None
        self.fd = None
        try:
            folder = _open_folder()
            try:
                self.room = _room(folder)
                name, self.fd = _create(folder)
            finally:
                os.close(folder)
            written.append(name)
            self.path = f"{FOLDER}/{name}"
        except OSError as error:
            self._stop(error)

    def write(self, data):
        if self.fd is None:
            return
        left = memoryview(data)
        try:
            while left:
                if self.saved == self.room:
                    raise OSError(errno.ENOSPC, "there is no more room for output")
                size = os.write(self.fd, left[: self.room - self.saved])
                self.saved += size
                left = left[size:]
        except OSError as error:
            self._stop(error)

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def _stop(self, error):
        self.problem = error.strerror
        self.close()


def _open_folder():
    """Opens the folder itself, never what something else of its name leads to."""
    try:
        os.mkdir(FOLDER)
    except FileExistsError:
        pass
    return os.open(FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _room(folder):
    """How much a new file may take: of the disk half of what is free, so that the user's code can go on."""
    used = sum(_size(folder, name) for name in written)
    if used >= most:
        raise OSError(errno.EDQUOT, f"the files in {FOLDER} may have {most >> 20} MiB together; remove some")
    disk = os.fstatvfs(folder)
    return min(most - used, disk.f_bavail * disk.f_frsize // 2)


def _size(folder, name):
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    except OSError:
        return 0


def _create(folder):
    """Makes a new file, never opening one that is there."""
    for number in itertools.islice(numbers, TRIES):
        name = f"{number}.txt"
        try:
            return name, os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
        except FileExistsError:
            continue
    raise OSError(errno.EEXIST, f"too many names are taken in {FOLDER}")


def beginning(data, room):
    """The beginning that has at most `room` bytes as JSON text."""
    kept = data
    while (size := json_size(kept)) > room:
        kept = kept[: len(kept) * room // size]
    return kept


def json_size(data):
    return len(json.dumps(data.decode("utf-8", "replace"), ensure_ascii=False).encode()) - 2
