import type { ConflictException } from '@aws-sdk/client-bedrock-agentcore';
import type { Egress } from '../../egress/index.ts';
import { egressPortInside, proxyEnvironment } from '../../egress/inside.ts';
import type { Sandbox, SandboxProvider } from '../../sandbox/sandbox.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import type { Scope } from '../../service.ts';
import { conflict } from '../exceptions.ts';
import type { SessionRow } from '../tool-sessions/rows.ts';
import { type SessionDependencies, ToolSessions } from '../tool-sessions/sessions.ts';
import { CommandTasks } from './command-tasks.ts';

const DEFAULT_TTL_SECONDS = 900;

export interface CodeSessionRow extends SessionRow {
  codeInterpreterIdentifier: string;
}

/** What a session is started with. */
interface Wanted {
  interpreter: string;
  name?: string | undefined;
  timeoutSeconds?: number | undefined;
  /** Its way to the internet, where it has one. */
  egress?: Egress | undefined;
}

/** What runs the code of a session. */
interface CodeMachine {
  sandbox: Sandbox;
  /** The commands in its background. */
  tasks: CommandTasks;
  ended: Promise<string>;
  close(): Promise<void>;
}

/** A session with what runs its code. */
export interface Running extends CodeMachine {
  interpreter: string;
  sessionId: string;
}

/** Code sessions: a sandbox each. */
export class Sessions extends ToolSessions<CodeSessionRow, CodeMachine> {
  readonly #sandboxes: SandboxProvider;

  constructor({ sandboxes, ...dependencies }: SessionDependencies & { sandboxes: SandboxProvider }) {
    super(
      {
        collection: 'code-interpreter-session',
        title: 'code session',
        listing: 'ListCodeInterpreterSessions',
        resourceOf: (row) => row.codeInterpreterIdentifier,
      },
      dependencies,
    );
    this.#sandboxes = sandboxes;
  }

  /** @throws ConflictException where this machine cannot run a sandbox; the message has the cure. */
  start(
    scope: Scope,
    { interpreter, name, timeoutSeconds = DEFAULT_TTL_SECONDS, egress }: Wanted,
  ): Promise<CodeSessionRow> {
    return this.begin(scope, {
      resource: interpreter,
      timeoutSeconds,
      launch: (sessionId) => this.#launch(sessionId, egress),
      describe: (row) => ({ ...row, codeInterpreterIdentifier: interpreter, name }),
    });
  }

  /** A READY session. @throws ConflictException when the session has ended. */
  running(scope: Scope, interpreter: string, sessionId: string): Running {
    return { interpreter, sessionId, ...this.machine(scope, interpreter, sessionId) };
  }

  /** Why a call failed whose sandbox ended under it. */
  ended(scope: Scope, running: Running): Promise<ConflictException> {
    return this.whyEnded(scope, running.interpreter, running.sessionId, running);
  }

  /** Not even with internet does code reach the engine: it gets the proxy, and no door and no keys. */
  async #launch(sessionId: string, egress: Egress | undefined): Promise<CodeMachine> {
    const online = egress && {
      installs: true as const,
      environment: proxyEnvironment,
      outlets: { [egressPortInside]: egress.serve },
    };
    try {
      const sandbox = await this.#sandboxes.start(sessionId, { kernel: true, ...online });
      void sandbox.ended.then(() => egress?.close());
      const tasks = new CommandTasks(sandbox);
      return { sandbox, tasks, ended: sandbox.ended, close: () => sandbox.close() };
    } catch (error) {
      if (error instanceof SandboxError) throw conflict(error.message);
      throw error;
    }
  }
}
