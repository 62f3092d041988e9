import { expect, it } from 'vitest';
import { describeSandbox, PATIENT, resultOf, sandboxes, useSandbox } from './support.ts';

const MiB = 1024 ** 2;

describeSandbox('every place that can be written to', () => {
  const { python } = useSandbox({ diskBytes: 48 * MiB });

  it('is known, has a size, and is full at it', async () => {
    const outcome = await python(`
import os
block = b"x" * (1 << 20)
places = {}
for line in open("/proc/self/mounts"):
    folder = line.split()[1]
    path = os.path.join(folder, "fill")
    size = 0
    try:
        with open(path, "xb", buffering=0) as file:
            while size < 1 << 30: size += file.write(block)
        places[folder] = "no limit"
    except OSError as error:
        if os.path.exists(path):
            os.unlink(path)
            places[folder] = (size >> 20, error.strerror)
sorted(places.items())`);
    const full = (size: number) => `(${size}, 'No space left on device')`;
    const expected = [
      `('/dev/shm', ${full(64)})`,
      `('/home/sandbox', ${full(31)})`,
      `('/tmp', ${full(48)})`,
      `('/workspace', ${full(48)})`,
    ];
    expect(resultOf(outcome)?.replaceAll(/\s+/g, ' ')).toMatch(
      new RegExp(
        `^\\[${expected
          .join(', ')
          .replaceAll(/[()]/g, '\\$&')
          .replaceAll(/\d+(?=,)/g, '\\d+')}\\]$`,
      ),
    );
  });
});

describeSandbox('memory that is resident in no process', () => {
  const waiting = 'import time; time.sleep(60)';
  const hidings: Record<string, string> = {
    'behind a shared mapping': `
import mmap
kept = []
for _ in range(40):
    area = mmap.mmap(-1, 16 << 20)
    area.write(b"x" * (16 << 20))
    area.madvise(mmap.MADV_DONTNEED)
    kept.append(area)
${waiting}`,
    'in mappings of nothing': `
import ctypes, mmap, os
libc = ctypes.CDLL(None)
page = mmap.PAGESIZE
area = mmap.mmap(-1, 50_000 * page, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
for n in range(0, 50_000, 2): libc.mprotect(ctypes.c_void_p(start + n * page), page, mmap.PROT_READ)
for _ in range(40):
    if os.fork() == 0: break
${waiting}`,
    'in sockets': `
import socket
kept = []
for _ in range(400):
    pair = socket.socketpair()
    pair[0].setblocking(False)
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    try:
        while True: pair[0].send(b"x" * 65536)
    except BlockingIOError: pass
    kept.append(pair)
${waiting}`,
    'in TCP queues': `
import socket
server = socket.create_server(("127.0.0.1", 0))
kept = []
for _ in range(100):
    client = socket.create_connection(server.getsockname())
    kept += [client, server.accept()[0]]
    client.setblocking(False)
    try:
        while True: client.send(b"x" * (1 << 20))
    except BlockingIOError: pass
${waiting}`,
  };

  it.each(Object.entries(hidings))('counts %s', async (_, code) => {
    const sandbox = await sandboxes.start('hiding', { limits: { memoryBytes: 256 * MiB } });
    try {
      expect(await sandbox.runCell({ code }, PATIENT)).toMatchObject({
        interruption: 'memory',
        stateLost: true,
      });
      expect(resultOf(await sandbox.runCell({ code: '1 + 1' }, PATIENT))).toBe('2');
    } finally {
      await sandbox.close();
    }
  });

  it('counts in names of files, which ends the sandbox as they stay', async () => {
    const sandbox = await sandboxes.start('names', {
      limits: { memoryBytes: 128 * MiB, diskBytes: 512 * MiB },
    });
    const code = `import os\nfor n in range(200_000): os.symlink("x" * 4000, f"/workspace/{n}")\n${waiting}`;
    await expect(
      sandbox.runCell({ code }, PATIENT).then((outcome) => {
        expect(outcome.interruption).toBe('memory');
        return sandbox.runCell({ code: waiting }, PATIENT);
      }),
    ).rejects.toMatchObject({ code: 'ended', message: expect.stringContaining('memory limit') });
  });
});
