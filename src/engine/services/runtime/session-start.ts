import type { Duplex } from 'node:stream';
import { findInterpreter, type Interpreter } from '../../sandbox/interpreters.ts';
import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts';
import type { AgentSettings, Doors } from '../index.ts';
import { commandLine } from './session-command-line.ts';
import { CODE, OUTLETS } from './session-contract.ts';
import { agentEnvironment } from './session-environment.ts';
import type { SessionStorage } from './storage.ts';
import type { Target } from './target.ts';

export interface StartParts {
  sandboxes: SandboxProvider;
  doors: Doors;
  agents: AgentSettings;
  storage: SessionStorage;
  /** Takes connections to the network. */
  egress(socket: Duplex): void;
}

/** A sandbox with an agent's code in it, and what starts the agent there. */
export interface Started {
  sandbox: Sandbox;
  argv: readonly string[];
  interpreter: Interpreter;
}

/** @throws SandboxError where no sandbox can run here, Error where the entry point has no launcher. */
export async function startSandbox(
  { sandboxes, doors, agents, storage, egress }: StartParts,
  target: Target,
  sessionId: string,
): Promise<Started> {
  const { config, scope } = target;
  const interpreter = await findInterpreter(config.runtime, { strict: agents.strictRuntime });
  const argv = commandLine(config, interpreter);
  const sandbox = await sandboxes.start(sessionId, {
    mounts: [
      ...interpreter.mounts,
      { kind: 'bind', source: config.codeFolder, target: CODE },
      ...(await storage.mounts(target, sessionId)),
    ],
    environment: agentEnvironment(target, doors.credentials(scope.account)),
    workingDirectory: CODE,
    outlets: { [OUTLETS.engine]: doors.engine, [OUTLETS.egress]: egress },
  });
  return { sandbox, argv, interpreter };
}

/** E.g. `Python 3.11.7 (PYTHON_3_13 was asked for)`. */
export function nameInterpreter({ language, version }: Interpreter, wanted: string): string {
  const name = language === 'python' ? 'Python' : 'Node';
  const [, , major, minor] = /^(\w+?)_(\d+)(?:_(\d+))?$/.exec(wanted) ?? [];
  const exact =
    minor === undefined ? version.startsWith(`${major}.`) : version.startsWith(`${major}.${minor}.`);
  return `${name} ${version}${exact ? '' : ` (${wanted} was asked for)`}`;
}
