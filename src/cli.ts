#!/usr/bin/env node
// Only what old versions of Node understand may stand here: the guard has to run there to be of use.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 13)) {
  import('./cli/main.ts').then(({ main }) => main(process.argv.slice(2)));
} else {
  process.stderr.write(
    `agentcore-mcp needs Node 22.13 or newer and was started with ${process.versions.node} (${process.execPath}).\n` +
      'Install a current version from https://nodejs.org, or name the path of a newer node as the command.\n',
  );
  process.exitCode = 1;
}
