import type { Mount } from './mounts.ts';

/** The runtimes that AgentCore names, e.g. `PYTHON_3_13`. */
export type RuntimeName =
  | 'PYTHON_3_10'
  | 'PYTHON_3_11'
  | 'PYTHON_3_12'
  | 'PYTHON_3_13'
  | 'PYTHON_3_14'
  | 'NODE_22';

/** An interpreter of this machine for agents: it sees its standard library and the agent's own packages, no others. */
export interface Interpreter {
  language: 'python' | 'node';
  /** E.g. `3.11.7`. */
  version: string;
  /** On this machine; for what runs outside of sandboxes, such as pip. */
  hostExecutable: string;
  /** Inside a sandbox that has {@link mounts}. */
  executable: string;
  mounts: readonly Mount[];
}

/**
 * The interpreter for a runtime: the same version, or else the nearest newer one, or else the nearest older one. Node and
 * Python of the machine are looked for once in a while, not for each call.
 * @throws SandboxError `unavailable` where there is none, or with `strict` none of that very version, saying what there is.
 */
export async function findInterpreter(
  runtime: RuntimeName,
  options: { strict?: boolean } = {},
): Promise<Interpreter> {
  throw new Error(`Not there yet: ${runtime} ${options.strict}`);
}
