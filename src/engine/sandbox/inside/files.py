"""File operations on behalf of the engine. The files belong to the user's code, so nothing about them is trusted."""

import errno
import json
import os
import stat

# Where relative paths start.
base = "/workspace"
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
FORBIDDEN = ("/proc", "/sys", "/dev")
MAX_ENTRIES = 100_000
# Of a listing, in bytes of JSON.
MAX_LISTING = 32 << 20


class Refused(Exception):
    """An operation that cannot be done, with one of the codes of SandboxError."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


CODES = {
    errno.ENOENT: "not-found",
    errno.ENAMETOOLONG: "not-found",
    errno.ELOOP: "not-found",
    errno.ENOTDIR: "not-a-directory",
    errno.EEXIST: "not-a-directory",
    errno.EISDIR: "not-a-file",
    errno.ENXIO: "not-a-file",
    errno.ENOSPC: "no-space",
    errno.EDQUOT: "no-space",
    errno.EFBIG: "too-large",
}


def start_in(folder):
    """Makes a folder the working directory of everything in the sandbox."""
    global base
    os.chdir(folder)
    base = folder


def perform(operation, request, body):
    """Runs one operation. Returns (head, body) of the answer, or raises Refused."""
    path = request.get("path")
    if not isinstance(path, str) or "\0" in path:
        raise Refused("forbidden", "A path is a string without NUL characters.")
    try:
        os.fsencode(path)
        return operation(path, request, body)
    except OSError as error:
        raise Refused(CODES.get(error.errno, "forbidden"), f"{shown(path)}: {error.strerror}.") from error
    except UnicodeEncodeError as error:
        raise Refused("not-found", f"{shown(path)}: no valid Unicode text.") from error


def read(path, request, _):
    limit = request["maxBytes"]
    fd = _open_real(path, os.O_RDONLY)
    with os.fdopen(fd, "rb", buffering=0) as file:
        status = os.fstat(fd)
        if stat.S_ISDIR(status.st_mode):
            raise Refused("not-a-file", f"{shown(path)} is a directory.")
        if not stat.S_ISREG(status.st_mode):
            raise Refused("not-a-file", f"{shown(path)} is not a regular file.")
        if status.st_size > limit:
            raise Refused("too-large", f"{shown(path)} has {status.st_size} bytes; at most {limit} can be read in this call. Compress or split it.")
        content = bytearray()
        while len(content) < limit and (chunk := file.read(limit - len(content))):
            content += chunk
    return {}, bytes(content)


def write(path, _, body):
    target = os.path.realpath(_absolute(path))
    if path.endswith("/") or target == "/":
        raise Refused("not-a-file", f"{shown(path)} names a directory.")
    _check(path, target)
    folder, name = os.path.split(target)
    os.makedirs(folder, exist_ok=True)
    parent = _open_real(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        _replace(path, parent, name, body)
    finally:
        os.close(parent)
    return {}, b""


def _replace(path, parent, name, body):
    mode = 0o644
    try:
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            raise Refused("not-a-file", f"{shown(path)} exists and is not a regular file.")
        mode = stat.S_IMODE(status.st_mode)
    except FileNotFoundError:
        pass
    draft = f".{os.urandom(8).hex()}"
    try:
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode, dir_fd=parent)
        with os.fdopen(fd, "wb", buffering=0) as file:
            view = memoryview(body)
            while view:
                view = view[file.write(view) :]
        os.rename(draft, name, src_dir_fd=parent, dst_dir_fd=parent)
    except BaseException:
        try:
            os.unlink(draft, dir_fd=parent)
        except OSError:
            pass
        raise


def list_entries(path, _request, _body):
    fd = _open_real(path or ".", os.O_RDONLY)
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            raise Refused("not-a-directory", f"{shown(path)} is not a directory.")
        real = os.readlink(f"/proc/self/fd/{fd}")
        entries = []
        size = 0
        with os.scandir(fd) as found:
            for entry in found:
                described = _entry(entry, real)
                if described:
                    entries.append(described)
                    size += len(json.dumps(described))
                if len(entries) > MAX_ENTRIES:
                    raise Refused("too-large", f"{shown(path)} has more than {MAX_ENTRIES} entries.")
                if size > MAX_LISTING:
                    raise Refused("too-large", f"{shown(path)} has more and longer names than can be listed at once.")
        return {"entries": entries}, b""
    finally:
        os.close(fd)


def _entry(entry, folder):
    path = os.path.join(folder, entry.name)
    if path.startswith(base + "/"):
        path = path[len(base) + 1 :]
    try:
        status = entry.stat()
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        return {"path": path, "kind": "directory", "size": 0}
    if stat.S_ISREG(status.st_mode):
        return {"path": path, "kind": "file", "size": status.st_size}
    return None


def remove(path, _request, _body):
    folder, name = os.path.split(os.path.normpath(_absolute(path)))
    target = os.path.join(os.path.realpath(folder), name)
    _check(path, target)
    if target in (base, "/"):
        raise Refused("forbidden", f"{target} itself cannot be removed, only what is in it.")
    if stat.S_ISDIR(os.lstat(target).st_mode):
        _remove_folder(target)
    else:
        os.unlink(target)
    return {}, b""


def _remove_folder(path):
    """Goes down and up again one folder at a time: no depth is too great, and no path or descriptor runs out."""
    way = [path]
    fd = os.open(path, FOLDER)
    try:
        while way:
            below = _remove_files(fd)
            fd, left = os.open(below or "..", FOLDER, dir_fd=fd), fd
            os.close(left)
            if below:
                way.append(below)
            else:
                os.rmdir(way.pop(), dir_fd=fd)
    finally:
        os.close(fd)


def _remove_files(fd):
    """Removes the entries of a folder until one is a folder itself, whose name it returns."""
    with os.scandir(fd) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                return entry.name
            os.unlink(entry.name, dir_fd=fd)
    return None


def _absolute(path):
    return os.path.join(base, path)


def _open_real(path, flags):
    """Opens without ever waiting, and only then looks at what was really opened."""
    fd = os.open(_absolute(path), flags | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        _check(path, os.readlink(f"/proc/self/fd/{fd}"))
    except BaseException:
        os.close(fd)
        raise
    return fd


def _check(path, real):
    if any(real == folder or real.startswith(folder + "/") for folder in FORBIDDEN):
        raise Refused("forbidden", f"{shown(path)} lies in a folder of the operating system.")


def shown(path):
    return path if len(path) <= 200 else path[:200] + "…"


OPERATIONS = {"read": read, "write": write, "list": list_entries, "remove": remove}
