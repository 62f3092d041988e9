import { createEgress } from '../../src/engine/egress/index.ts';
import type { Service } from '../../src/engine/service.ts';
import type { ServiceParts } from '../../src/engine/services/index.ts';
import { verifyBearer } from '../../src/engine/services/jwt.ts';
import { createLogs } from '../../src/engine/services/logs/index.ts';
import { createControl } from '../../src/engine/services/runtime/control.ts';
import { createDataPlane, type DataPlane } from '../../src/engine/services/runtime/data.ts';
import type { Targets } from '../../src/engine/services/runtime/target.ts';

/**
 * What agents need of an engine, with an idle limit of seconds for every session: AgentCore's own is a minute at least,
 * which no test can wait for.
 */
export function impatientServices(idleSeconds: number): (parts: ServiceParts) => Service[] {
  return (parts) => {
    const { agents, log } = parts;
    const logs = createLogs(parts);
    const control = createControl({ ...parts, settings: agents, sessions: () => data.running });
    const targets: Targets = {
      find(...named) {
        const target = control.targets.find(...named);
        return { ...target, config: { ...target.config, idleSeconds } };
      },
    };
    const data: DataPlane = createDataPlane({
      ...parts,
      logs: logs.store,
      targets,
      verifyBearer,
      openEgress: () => createEgress({ allowHosts: [], log }),
    });
    const runtime: Service = {
      handlers: { agentcore: { ...control.handlers, ...data.handlers } },
      live: () => control.live() + data.live(),
      async close() {
        await Promise.all([control.close(), data.close()]);
      },
    };
    return [logs.service, runtime];
  };
}
