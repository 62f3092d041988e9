#!/usr/bin/env node
// Only what old versions of Node understand may stand here: the guard has to run there to be of use.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 13)) {
  import('./platform/compile-cache.ts')
    .then(({ keepCompiledCode }) => keepCompiledCode())
    .then(() => import('./cli/main.ts'))
    .then(({ main }) => main(process.argv.slice(2)));
} else {
  process.exitCode = 1;
  Promise.all([import('node:fs'), import('node:url')]).then(([{ existsSync }, { fileURLToPath }]) => {
    const program = process.platform === 'win32' ? 'node.exe' : 'node';
    const brought = fileURLToPath(new URL(`../node_modules/node/bin/${program}`, import.meta.url));
    const cure = existsSync(brought)
      ? `This project brings a newer one. Write its path in place of "node":\n  "${brought}" "${fileURLToPath(import.meta.url)}"`
      : 'Install a current version from https://nodejs.org, or write the path of a newer one in place of "node".';
    process.stderr.write(
      `agentcore-mcp needs Node 22.13 or newer and was started with ${process.versions.node} (${process.execPath}).\n${cure}\n`,
    );
  });
}
