import { posix } from 'node:path';
import type { Egress } from '../../egress/index.ts';
import { findInterpreter, type Interpreter } from '../../sandbox/interpreters.ts';
import type { Outlets, Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts';
import type { AgentSettings, Doors } from '../index.ts';
import { commandLine } from './session-command-line.ts';
import { CODE, contracts, OUTLETS } from './session-contract.ts';
import { agentEnvironment } from './session-environment.ts';
import type { SessionStorage } from './storage.ts';
import type { Target } from './target.ts';

/** Where the system's programs are. */
const PROGRAMS = ['/usr/local/bin', '/usr/bin', '/bin'];

export interface StartParts {
  sandboxes: SandboxProvider;
  doors: Doors;
  agents: AgentSettings;
  storage: SessionStorage;
  /** Makes the way to the network of one sandbox. */
  openEgress(): Egress;
}

/** A sandbox with an agent's code in it, and what starts the agent there. */
export interface Started {
  sandbox: Sandbox;
  argv: readonly string[];
  interpreter: Interpreter;
  egress: Egress;
}

/** @throws SandboxError where no sandbox can run here, Error where the entry point has no launcher. */
export async function startSandbox(
  { sandboxes, doors, agents, storage, openEgress }: StartParts,
  target: Target,
  sessionId: string,
): Promise<Started> {
  const { config, scope } = target;
  const interpreter = await findInterpreter(config.fittedTo ?? config.runtime, {
    strict: agents.strictRuntime || config.fittedTo !== undefined,
  });
  const argv = commandLine(config, interpreter);
  const egress = openEgress();
  const sandbox = await sandboxes.start(sessionId, {
    mounts: [
      ...interpreter.mounts,
      { kind: 'bind', source: config.codeFolder, target: CODE },
      ...(await storage.mounts(target, sessionId)),
    ],
    environment: {
      PATH: [posix.dirname(interpreter.executable), ...PROGRAMS].join(':'),
      ...agentEnvironment(target, { keys: doors.credentials(scope.account), port: doors.port() }),
    },
    workingDirectory: CODE,
    outlets: {
      ...addressOutlet(doors, contracts[config.protocol].port),
      [OUTLETS.engine]: doors.engine,
      [OUTLETS.egress]: egress.serve,
    },
  });
  return { sandbox, argv, interpreter, egress };
}

/** Makes the engine's address lead to it inside, too, unless the agent itself is to listen there, or may not as a user. */
function addressOutlet({ engine, port }: Doors, agentPort: number): Outlets {
  return port() === agentPort || port() < 1024 ? {} : { [port()]: engine };
}

/** E.g. `Python 3.11.7 (PYTHON_3_13 was asked for)`. */
export function nameInterpreter({ language, version }: Interpreter, wanted: string): string {
  const name = language === 'python' ? 'Python' : 'Node';
  const [, , major, minor] = /^(\w+?)_(\d+)(?:_(\d+))?$/.exec(wanted) ?? [];
  const exact =
    minor === undefined ? version.startsWith(`${major}.`) : version.startsWith(`${major}.${minor}.`);
  return `${name} ${version}${exact ? '' : ` (${wanted} was asked for)`}`;
}
