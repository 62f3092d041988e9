import { join } from 'node:path';
import { startEngine } from '../../src/engine/index.ts';
import { silentLog } from '../../src/engine/log.ts';
import type { ApiHandlers, Call } from '../../src/engine/service.ts';
import { createServices, mergeHandlers } from '../../src/engine/services/index.ts';
import type { Bench } from '../harness/bench.ts';
import { interpreter, region } from '../harness/engine.ts';
import type { Subject } from '../harness/rounds.ts';

const CALLS = 2_000;

/** The handler of GetCodeInterpreterSession alone, in this process: microseconds a call, from many in a row. */
export async function inProcessCall(bench: Bench): Promise<Subject> {
  let handlers: ApiHandlers = {};
  const engine = await startEngine({
    dataDir: join(bench.folder, 'in-process'),
    services(parts) {
      const services = createServices(parts);
      handlers = mergeHandlers(services, silentLog);
      return services;
    },
  });
  bench.defer(() => engine.close());
  const call: Call = {
    account: '000000000000',
    region,
    requestId: 'bench',
    signal: new AbortController().signal,
    headers: new Map(),
    origin: 'http://127.0.0.1',
  };
  const { StartCodeInterpreterSession: start, GetCodeInterpreterSession: get } = handlers.agentcore ?? {};
  if (!start || !get) throw new Error('The engine has no code sessions.');
  const started = await start({ codeInterpreterIdentifier: interpreter }, call);
  const named = { codeInterpreterIdentifier: interpreter, sessionId: started.sessionId };
  return async () => {
    const begun = performance.now();
    for (let done = 0; done < CALLS; done++) await get(named, call);
    return ((performance.now() - begun) / CALLS) * 1_000;
  };
}
