import { connect, type LookupFunction, type Socket } from 'node:net';
import { Refusal, type Target } from './targets.ts';

/** How long an address is tried before the next one is tried too. */
const ATTEMPT_MS = 1_000;

/** Answers a lookup with the addresses that were checked, whoever asks. */
function lookupIn({ addresses }: Target): LookupFunction {
  return (_, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/**
 * A connection to one of the addresses of a target.
 * @throws Refusal 502 when none takes it, 504 when none did before `signal` aborted.
 */
export async function connectTo(target: Target, signal: AbortSignal): Promise<Socket> {
  const { host, port } = target;
  const socket = connect({
    host,
    port,
    lookup: lookupIn(target),
    autoSelectFamily: target.addresses.length > 1,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    allowHalfOpen: true,
    noDelay: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const onAbort = () => reject(signal.reason);
  socket.once('connect', () => resolve(socket));
  socket.once('error', (error: NodeJS.ErrnoException) =>
    reject(new Refusal(502, `${host}:${port} cannot be reached (${error.code ?? error.message}).`)),
  );
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await promise;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
