import { createEgress } from '../../egress/index.ts';
import type { Service } from '../../service.ts';
import type { ServiceParts } from '../index.ts';
import type { LogStore } from '../logs/log-store.ts';
import { createControl } from './control.ts';
import { createDataPlane, type DataPlane } from './data.ts';

export interface RuntimeParts extends ServiceParts {
  /** Takes what agents print. Closes after this service. */
  logs: LogStore;
}

/** AgentCore Runtime: agents from their zips to their answers. */
export function createRuntime(parts: RuntimeParts): Service {
  const { agents, log, clock } = parts;
  const control = createControl({ ...parts, settings: agents, sessions: () => data.running });
  const data: DataPlane = createDataPlane({
    ...parts,
    targets: control.targets,
    verifyBearer: async (config, token) => {
      const { verifyBearer } = await import('../jwt.ts');
      return verifyBearer(config, token, { now: new Date(clock.now()), log });
    },
    openEgress: () => createEgress({ allowHosts: agents.allowHosts, log }),
  });
  return {
    handlers: { agentcore: { ...control.handlers, ...data.handlers } },
    bearer: data.bearer,
    sockets: data.sockets,
    documents: data.documents,
    live: () => control.live() + data.live(),
    sweep: data.sweep,
    async close(reason) {
      await Promise.all([control.close(), data.close(reason)]);
    },
  };
}
