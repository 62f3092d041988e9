/** errno values a denied call fails with. */
const EPERM = 1;
const ENOSYS = 38;

/** System calls by number on x86-64 and arm64; `undefined` where the architecture has none of that name. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined];

/** Refused with EPERM: reaching other processes or the host's kernel, what all share, or memory that no limit sees. */
const FORBIDDEN: Readonly<Record<string, Numbers>> = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  unshare: [272, 97],
  setns: [308, 268],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_setup: [206, 0],
  vmsplice: [278, 75],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  lookup_dcookie: [212, 18],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  vhangup: [153, 58],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
  uselib: [134, undefined],
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  shmget: [29, 194],
  msgget: [68, 186],
  semget: [64, 190],
  mq_open: [240, 180],
};

/** Refused with ENOSYS, so that the C library falls back to a call whose arguments can be checked. */
const UNAVAILABLE: Readonly<Record<string, Numbers>> = {
  clone3: [435, 435],
  statmount: [457, 457],
  listmount: [458, 458],
};

const ARCHITECTURES = {
  x64: { column: 0, audit: 0xc000003e, clone: 56, ioctl: 16, socket: 41, socketpair: 53, personality: 135 },
  arm64: {
    column: 1,
    audit: 0xc00000b7,
    clone: 220,
    ioctl: 29,
    socket: 198,
    socketpair: 199,
    personality: 92,
  },
} as const;

/** A processor type, as Node names it, that there is a filter for. */
export type Architecture = keyof typeof ARCHITECTURES;

/** Every CLONE_NEW* flag that clone(2) takes. */
const NEW_NAMESPACES = 0x7e020000;
/** ioctl commands that type into a terminal: TIOCSTI and TIOCLINUX. */
const TYPING = [0x5412, 0x541c];
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const X32_BIT = 0x40000000;
const QUERY_PERSONALITY = 0xffffffff;

interface Instruction {
  code: number;
  jumpTrue: number;
  jumpFalse: number;
  value: number;
}

const RETURN_ALLOW = 0x7fff0000;
const RETURN_KILL_PROCESS = 0x80000000;
const RETURN_ERRNO = 0x00050000;

/** Offsets in the kernel's `struct seccomp_data`; of an argument the low half, both machines being little-endian. */
const NUMBER = 0;
const AUDIT = 4;
const argument = (index: number) => 16 + 8 * index;

const load = (offset: number): Instruction => ({ code: 0x20, jumpTrue: 0, jumpFalse: 0, value: offset });
const give = (value: number): Instruction => ({ code: 0x06, jumpTrue: 0, jumpFalse: 0, value });
/** Goes on with `then` where the value loaded last passes the test, else skips it. */
const when = (code: number, value: number, then: Instruction[]): Instruction[] => [
  { code, jumpTrue: 0, jumpFalse: then.length, value },
  ...then,
];
const ifEqual = (value: number, then: Instruction[]) => when(0x15, value, then);
const ifAnyBit = (mask: number, then: Instruction[]) => when(0x45, mask, then);
const unlessEqual = (value: number, then: Instruction[]): Instruction[] => [
  { code: 0x15, jumpTrue: then.length, jumpFalse: 0, value },
  ...then,
];

const allow = give(RETURN_ALLOW);
const deny = (errno: number) => give(RETURN_ERRNO | errno);

/** Whether there is a filter for this machine. */
export function isFilterable(arch: string): arch is Architecture {
  return Object.hasOwn(ARCHITECTURES, arch);
}

/**
 * The seccomp filter of a sandbox as the kernel reads it: an array of `struct sock_filter`, little-endian.
 * A call of another architecture's kind ends the process.
 */
export function seccompFilter(arch: Architecture): Buffer {
  const own = ARCHITECTURES[arch];
  const denied = (table: typeof FORBIDDEN, errno: number) =>
    Object.values(table).flatMap((numbers) => {
      const number = numbers[own.column];
      return number === undefined ? [] : ifEqual(number, [deny(errno)]);
    });
  return assemble([
    load(AUDIT),
    ...unlessEqual(own.audit, [give(RETURN_KILL_PROCESS)]),
    load(NUMBER),
    ...(arch === 'x64' ? ifAnyBit(X32_BIT, [deny(EPERM)]) : []),
    ...denied(FORBIDDEN, EPERM),
    ...denied(UNAVAILABLE, ENOSYS),
    ...ifEqual(own.clone, [load(argument(0)), ...ifAnyBit(NEW_NAMESPACES, [deny(EPERM)]), allow]),
    ...ifEqual(own.ioctl, [
      load(argument(1)),
      ...TYPING.flatMap((cmd) => ifEqual(cmd, [deny(EPERM)])),
      allow,
    ]),
    ...ifEqual(own.personality, [
      load(argument(0)),
      ...ifEqual(0, [allow]),
      ...unlessEqual(QUERY_PERSONALITY, [deny(EPERM)]),
      allow,
    ]),
    ...[own.socket, own.socketpair].flatMap((number) => ifEqual(number, socketRules())),
    allow,
  ]);
}

/** Local and internet sockets, and of netlink only what lists addresses and routes. */
function socketRules(): Instruction[] {
  return [
    load(argument(0)),
    ...[AF_UNIX, AF_INET, AF_INET6].flatMap((family) => ifEqual(family, [allow])),
    ...unlessEqual(AF_NETLINK, [deny(EPERM)]),
    load(argument(2)),
    ...unlessEqual(NETLINK_ROUTE, [deny(EPERM)]),
    allow,
  ];
}

function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach((instruction, index) => {
    bytes.writeUInt16LE(instruction.code, index * 8);
    bytes.writeUInt8(instruction.jumpTrue, index * 8 + 2);
    bytes.writeUInt8(instruction.jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(instruction.value >>> 0, index * 8 + 4);
  });
  return bytes;
}
