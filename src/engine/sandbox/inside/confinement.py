"""What the supervisor gives up before anything of the user's runs, and the limits its children get."""

import ctypes
import os
import resource
import signal

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAPABILITY_VERSION_3 = 0x20080522

# Threads and processes the supervisor may have above the user's limit, so that it can always start one more.
RESERVED_PROCESSES = 16
OPEN_FILES = 1024
# Each relayed connection takes two of the supervisor.
SUPERVISOR_FILES = 4096
# A place that is full is to say so, before a file reaches the limit of its size.
BEYOND_DISK = 1 << 30


def prctl(option, argument=0):
    return ctypes.CDLL(None, use_errno=True).prctl(option, argument, 0, 0, 0)


def close_inherited(kept):
    """Closes all but the standard files and `kept`: what had started the engine may have left it files of the host."""
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor != kept:
            try:
                os.close(descriptor)
            except OSError:
                # It was that of the listing.
                pass


def drop_privileges(uid, writable):
    """Becomes the unprivileged `uid`, owner of the `writable` folders, for good. Raises unless all is given up."""
    for folder in writable:
        os.chown(folder, uid, uid)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    capability = 0
    while prctl(PR_CAPBSET_DROP, capability) == 0:
        capability += 1
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())


def seal():
    """Closes the supervisor to other processes of its user, and checks that nothing is left to gain."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)
    # Becoming another user has undone what bubblewrap had asked for.
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    held = [name for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if int(fields[name], 16)]
    if held or fields["NoNewPrivs"].strip() != "1" or 0 in os.getresuid():
        raise PermissionError(f"privileges are still held: {held}, ids {os.getresuid()}")


def limit_supervisor(processes):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (SUPERVISOR_FILES if hard == resource.RLIM_INFINITY else min(hard, SUPERVISOR_FILES), hard))
    _lower(resource.RLIMIT_NPROC, processes + RESERVED_PROCESSES)


def limit_child(limits):
    """Runs in a child between fork and exec."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NPROC, limits["processes"])
    _lower(resource.RLIMIT_DATA, limits["memoryBytes"])
    _lower(resource.RLIMIT_FSIZE, limits["diskBytes"] + BEYOND_DISK)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_MSGQUEUE, 0)
    _lower(resource.RLIMIT_MEMLOCK, 0)


def _lower(kind, value):
    """Sets a limit, or keeps the one of the host where that is lower still."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))
