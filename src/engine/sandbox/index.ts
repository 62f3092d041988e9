export type { SandboxOptions } from './provider.ts';
export { createSandboxes } from './provider.ts';
export { managedEnvironment } from './python.ts';
export type * from './sandbox.ts';
export { SandboxError } from './sandbox.ts';
