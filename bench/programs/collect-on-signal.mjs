// For `node --expose-gc --import`: collects garbage when told by a signal, so that what is left is what is really held.
process.on('SIGUSR2', () => globalThis.gc());
