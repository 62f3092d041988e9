import type { Egress } from '../../egress/index.ts';
import type { Handlers, Service } from '../../service.ts';
import type { ServiceParts } from '../index.ts';
import type { LogStore } from '../logs/log-store.ts';
import { commandHandlers } from './commands.ts';
import { bearers, documents, findAdmitted, type VerifyBearer } from './data-access.ts';
import { socketHandlers } from './data-sockets.ts';
import { invokeHandlers } from './invoke.ts';
import { Bytecode } from './session-bytecode.ts';
import type { ComputeParts } from './session-compute.ts';
import { Sessions } from './sessions.ts';
import { SessionStorage } from './storage.ts';
import type { RunningSessions, Targets } from './target.ts';

export interface DataPlaneParts
  extends Pick<ServiceParts, 'sandboxes' | 'log' | 'clock' | 'idempotency' | 'dataDir' | 'doors' | 'agents'> {
  logs: LogStore;
  targets: Targets;
  verifyBearer: VerifyBearer;
  /** Makes the way to the network of one session. */
  openEgress(): Egress;
  /** See {@link ComputeParts}. */
  startDeadlineMs?: number;
}

/** What calls agents and runs them. */
export interface DataPlane extends Pick<Service, 'bearer' | 'sockets' | 'documents' | 'live' | 'close'> {
  handlers: Handlers;
  running: RunningSessions;
  sweep(): void;
}

export function createDataPlane(parts: DataPlaneParts): DataPlane {
  const { targets, idempotency, log } = parts;
  const storage = new SessionStorage(parts.dataDir, parts.clock);
  const sessions = new Sessions({ ...parts, storage, bytecode: new Bytecode(parts) });

  const stopHandlers: Handlers = {
    async StopRuntimeSession(input, call) {
      const { runtimeSessionId = '' } = input;
      const target = findAdmitted(targets, input, call);
      await idempotency.once(call, 'StopRuntimeSession', input, async () => {
        await sessions.stop(target, runtimeSessionId);
        return {};
      });
      return { runtimeSessionId, statusCode: 200 };
    },
  };

  const sweep = () => {
    storage.sweep().catch((error) => log.error('Old session storage could not be removed', { error }));
  };
  sweep();
  return {
    handlers: {
      ...invokeHandlers({ targets, sessions }),
      ...commandHandlers({ targets, sessions }),
      ...stopHandlers,
    },
    bearer: bearers(targets, parts.verifyBearer),
    sockets: socketHandlers({ targets, sessions }),
    documents: documents(targets),
    running: sessions,
    live: () => sessions.live,
    sweep,
    close: (reason) => sessions.close(reason),
  };
}
