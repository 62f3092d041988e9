import { createSandboxes } from '../../../src/engine/sandbox/index.ts';

/** Three sandboxes under load, each with processes that carry the mark given; says `loaded` and never ends by itself. */
const mark = process.argv[2];
const sandboxes = createSandboxes({});
const options = { timeoutMs: 600_000 };
for (let index = 0; index < 3; index++) {
  const sandbox = await sandboxes.start(`load-${index}`);
  await sandbox.runCommand(`(setsid sleep ${mark} &); sleep ${mark} & true`, options);
  void sandbox.runCell({ code: 'while True: print("x" * 1000)' }, options);
  void sandbox.runCommand('while :; do cat /bin/sh > file; done', options);
  void sandbox.writeFile('large', Buffer.alloc(50_000_000));
}
console.log('loaded');
setInterval(() => {}, 1000);
