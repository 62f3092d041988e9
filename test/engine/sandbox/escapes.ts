/** A way out of the sandbox, or to something it should not reach, tried from inside. */
export interface Escape {
  name: string;
  /** Python unless it is shell; the last line printed says what came of it. */
  code: string;
  shell?: true;
  /** What is printed when it does not work. */
  denied: RegExp;
}

/** What the host has prepared for the attempts to find. */
export interface Bait {
  secretFile: string;
  secret: string;
  port: number;
  abstractSocket: string;
}

/** Defines what the attempts share: raw system calls, and the pid of the supervisor. */
export const PRELUDE = `
import ctypes, errno, glob, mmap, os, re, signal, socket, stat, struct, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    result = libc.syscall(number, *map(ctypes.c_long, arguments))
    return f"allowed {result}" if result >= 0 else errno.errorcode[ctypes.get_errno()]
def attempt(action):
    try:
        return f"allowed {action()!r}"
    except OSError as error:
        return type(error).__name__
def content(path):
    with open(path, "rb") as file:
        return file.read()
supervisor = next(int(p.split("/")[2]) for p in glob.glob("/proc/[0-9]*/cmdline") if b"supervisor.py" in content(p) and not b"bwrap" in content(p))
`;

const REFUSED = /^(PermissionError|FileNotFoundError)$/;
const UNWRITABLE = /^(PermissionError|FileNotFoundError|OSError)$/;
const FAMILIES = {
  AF_PACKET: 17,
  AF_CAN: 29,
  AF_TIPC: 30,
  AF_BLUETOOTH: 31,
  AF_ALG: 38,
  AF_VSOCK: 40,
  AF_XDP: 44,
};
const attempt = (name: string, action: string, denied = REFUSED): Escape => ({
  name,
  code: `print(attempt(lambda: ${action}))`,
  denied,
});

export function escapes(bait: Bait): Escape[] {
  return [
    attempt('a file of the host', `content(${JSON.stringify(bait.secretFile)})`),
    attempt('the passwords of the host', 'content("/etc/shadow")'),
    {
      name: 'the name of another user',
      code: 'print(sorted(line.split(":")[0] for line in open("/etc/passwd")))',
      denied: /^\['root', 'sandbox'\]$/,
    },
    {
      name: 'home directories',
      code: 'print(os.listdir("/home"), [f for f in glob.glob("/root/*") + glob.glob("/root/.*") if not f.startswith(("/root/.pyenv",))])',
      denied: /^\['sandbox'\] \[\]$/,
    },
    {
      name: 'secrets in the environment or the arguments of any process',
      code: `
found = []
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/task/*/environ"):
    try:
        if ${JSON.stringify(bait.secret)}.encode() in content(path): found.append(path)
    except OSError: pass
print(found, ${JSON.stringify(bait.secret)} in str(os.environ))`,
      denied: /^\[\] False$/,
    },
    {
      name: 'processes of the host',
      code: 'print({content(p).split(b"\\0")[0].split(b"/")[-1].decode()[:6] for p in glob.glob("/proc/[0-9]*/cmdline")} - {"bwrap", "python"})',
      denied: /^set\(\)$/,
    },
    ...['mem', 'environ', 'maps', 'root', 'cwd', 'exe'].map((name) =>
      attempt(
        `the supervisor's ${name}`,
        ['root', 'cwd', 'exe'].includes(name)
          ? `os.readlink(f"/proc/{supervisor}/${name}")`
          : `content(f"/proc/{supervisor}/${name}")`,
      ),
    ),
    attempt('writing to the first process', 'open("/proc/1/mem", "r+b")'),
    attempt("the first process's descriptors", 'os.listdir("/proc/1/fd")'),
    attempt("the first process's maps", 'content("/proc/1/maps")'),
    attempt("the supervisor's descriptors", 'os.listdir(f"/proc/{supervisor}/fd")'),
    attempt('writing to the supervisor', 'open(f"/proc/{supervisor}/mem", "wb")'),
    attempt(
      "writing to the supervisor's oom score",
      'open(f"/proc/{supervisor}/oom_score_adj", "w").write("1000")',
    ),
    attempt(
      'a listener on loopback',
      `socket.create_connection(("127.0.0.1", ${bait.port}), 2)`,
      /^ConnectionRefusedError$/,
    ),
    attempt(
      'a listener on IPv6 loopback',
      `socket.create_connection(("::1", ${bait.port}), 2)`,
      /^ConnectionRefusedError$/,
    ),
    attempt(
      'an abstract socket',
      `socket.socket(socket.AF_UNIX).connect("\\0${bait.abstractSocket}")`,
      /^ConnectionRefusedError$/,
    ),
    attempt('a name on the internet', 'socket.getaddrinfo("example.com", 443)', /^gaierror$/),
    attempt('an address on the internet', 'socket.create_connection(("192.0.2.1", 80), 2)', /^OSError$/),
    attempt(
      'a datagram',
      'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))',
      /^OSError$/,
    ),
    {
      name: 'network interfaces',
      code: 'print([name for _, name in socket.if_nameindex()])',
      denied: /^\['lo'\]$/,
    },
    attempt('a raw socket', 'socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'),
    ...Object.entries(FAMILIES).map(([name, number]) =>
      attempt(`a socket of ${name}`, `socket.socket(${number}, socket.SOCK_RAW)`, /^PermissionError$/),
    ),
    attempt(
      'netlink beyond routes',
      'socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)',
      /^PermissionError$/,
    ),
    attempt("Docker's socket", 'os.stat("/var/run/docker.sock")'),
    {
      name: 'the run directory',
      code: 'print(os.path.exists("/run"), os.path.exists("/sys"))',
      denied: /^False False$/,
    },
    ...[
      'kernel/core_pattern',
      'kernel/modprobe',
      'vm/drop_caches',
      'net/ipv4/ip_forward',
      'kernel/hostname',
    ].map((name) =>
      attempt(`writing to /proc/sys/${name}`, `open("/proc/sys/${name}", "w").write("x")`, UNWRITABLE),
    ),
    attempt('sysrq', 'open("/proc/sysrq-trigger", "w").write("b")', UNWRITABLE),
    attempt('kernel memory', 'content("/proc/kcore")'),
    attempt('the kernel log', 'open("/dev/kmsg")'),
    attempt('a disk', 'os.stat(next(iter(glob.glob("/dev/[vs]d*")), "/dev/sda"))'),
    attempt(
      'making a device',
      'os.mknod("/tmp/device", 0o600 | stat.S_IFCHR, os.makedev(1, 5))',
      /^PermissionError$/,
    ),
    attempt(
      'making a disk',
      'os.mknod("/workspace/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))',
      /^PermissionError$/,
    ),
    attempt('becoming root', 'os.setuid(0)', UNWRITABLE),
    attempt('becoming somebody else', 'os.setresuid(65000, 65000, 65000)', UNWRITABLE),
    attempt('joining a group', 'os.setgroups([0])', /^PermissionError$/),
    attempt('another root directory', 'os.chroot("/tmp")', /^PermissionError$/),
    {
      name: 'a higher limit of processes',
      code: 'import resource\ntry: resource.setrlimit(resource.RLIMIT_NPROC, (9999, 9999))\nexcept ValueError as error: print(error)',
      denied: /^not allowed to raise maximum limit$/,
    },
    attempt('changing the programs of the supervisor', 'open("/opt/agentcore/kernel.py", "a")', UNWRITABLE),
    attempt('changing installed packages', 'open("/opt/python-env/lib/x", "w")', UNWRITABLE),
    attempt('changing the system', 'open("/usr/x", "w")', UNWRITABLE),
    {
      name: 'capabilities',
      code: 'print(*{line.split()[1] for line in open("/proc/self/status") if line.startswith(("Cap", "NoNewPrivs"))})',
      denied: /^(0{16} 1|1 0{16})$/,
    },
    {
      name: 'programs with a set-uid bit',
      shell: true,
      code: 'for p in su mount passwd newgrp sudo pkexec chsh; do q=$(command -v $p) && "$q" --version; done >/dev/null 2>&1; su root -c "id -u" </dev/null; id -u; grep -c nosuid /proc/self/mounts',
      denied: /^(?!0\n)[1-9]\d*\n[1-9]\d*$/,
    },
    { name: 'a user namespace', shell: true, code: 'unshare -U true; echo $?', denied: /^1$/ },
    {
      name: 'a mount',
      shell: true,
      code: 'mount -t tmpfs none /tmp 2>/dev/null; echo $?',
      denied: /^(1|32)$/,
    },
    ...systemCalls(),
    {
      name: 'system calls of 32-bit programs',
      code: `
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
child = os.fork()
if child == 0:
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
    os._exit(0)
print(signal.Signals(-os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).name)`,
      denied: /^SIGSYS$/,
    },
    {
      name: 'typing into its own terminal',
      code: `
child = os.fork()
if child == 0:
    import fcntl, pty, termios
    os.setsid()
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    try:
        fcntl.ioctl(slave, termios.TIOCSTI, b"x")
        os._exit(0)
    except OSError as error:
        os._exit(error.errno)
print(errno.errorcode.get(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))`,
      denied: /^EPERM$/,
    },
  ];
}

/** Number and arguments on x86-64, such that without a filter something else than EPERM would come back. */
const SYSTEM_CALLS: Record<string, number[]> = {
  ptrace: [101, 0],
  process_vm_readv: [310, 1, 0, 0, 0, 0, 1],
  process_vm_writev: [311, 1, 0, 0, 0, 0, 1],
  pidfd_getfd: [438, -1, 0, 0],
  kcmp: [312, -1, -1, 99],
  mount: [165, 0, 0, 0, 0],
  umount2: [166, 0, 0],
  pivot_root: [155, 0, 0],
  open_tree: [428, -1, 0, 0],
  move_mount: [429, -1, 0, -1, 0, 0],
  fsopen: [430, 0, 0],
  fsmount: [432, -1, 0, 0],
  mount_setattr: [442, -1, 0, 0],
  unshare: [272, 0],
  'clone with a user namespace': [56, 0x10000000 | 17],
  'clone with a mount namespace': [56, 0x00020000 | 17],
  setns: [308, -1, 0],
  bpf: [321, 99, 0, 0],
  perf_event_open: [298, 0, 0, -1, -1, 0],
  userfaultfd: [323, 0x7fffffff],
  io_uring_setup: [425, 0, 0],
  io_uring_enter: [426, -1, 0, 0, 0],
  io_uring_register: [427, -1, 0, 0, 0],
  io_setup: [206, 1, 0],
  vmsplice: [278, -1, 0, 0, 0],
  add_key: [248, 0, 0, 0, 0, 0],
  request_key: [249, 0, 0, 0, 0],
  keyctl: [250, 99],
  name_to_handle_at: [303, -1, 0, 0, 0, 0],
  open_by_handle_at: [304, -1, 0, 0],
  fanotify_init: [300, 0x7fffffff],
  init_module: [175, 0, 0, 0],
  finit_module: [313, -1, 0, 0],
  delete_module: [176, 0, 0],
  kexec_load: [246, 0, 0, 0, 0],
  reboot: [169, 0, 0, 0],
  swapon: [167, 0, 0],
  settimeofday: [164, 0, 0],
  clock_settime: [227, 0, 0],
  adjtimex: [159, 0],
  syslog: [103, 10],
  sethostname: [170, 0, 0],
  personality: [135, 0x0040000],
  memfd_create: [319, 0, 0],
  memfd_secret: [447, 0x7fffffff],
  shmget: [29, 0, 0, 0],
  msgget: [68, 0, 0],
  semget: [64, 0, 0, 0],
  mq_open: [240, 0, 0],
  'the x32 call getpid': [0x40000000 + 39],
};

function systemCalls(): Escape[] {
  if (process.arch !== 'x64') {
    console.warn(
      `SKIPPED: raw system calls; their numbers are listed for x64 only, this is ${process.arch}.`,
    );
    return [];
  }
  const denied = Object.entries(SYSTEM_CALLS).map(([name, numbers]) => ({
    name: `the system call ${name}`,
    code: `print(call(${numbers.join(', ')}))`,
    denied: /^EPERM$/,
  }));
  return [...denied, { name: 'the system call clone3', code: 'print(call(435, 0, 0))', denied: /^ENOSYS$/ }];
}
