import { join } from 'node:path';
import { runEngine } from '../../../../src/engine/process/foreground.ts';
import type { Service } from '../../../../src/engine/service.ts';
import type { ServiceParts } from '../../../../src/engine/services/index.ts';
import { createLogs } from '../../../../src/engine/services/logs/index.ts';
import { Objects } from '../../../../src/engine/services/objects/object-store.ts';
import { createRuntime } from '../../../../src/engine/services/runtime/index.ts';

/** What agents need of an engine, and the buckets themselves. */
export function agentServices(parts: ServiceParts): { services: Service[]; objects: Objects } {
  const objects = new Objects(parts.store, join(parts.dataDir, 'objects'));
  const logs = createLogs(parts);
  return { objects, services: [createRuntime({ ...parts, objects, logs: logs.store }), logs.service] };
}

if (import.meta.main) {
  const [dataDir] = process.argv.slice(2);
  process.exit(await runEngine({ dataDir, services: (parts) => agentServices(parts).services }));
}
