import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Store } from '../store/store.ts';

const host = '127.0.0.1';

/**
 * Listens on 127.0.0.1. Without a wish it takes the port that the store's setting `kept` names, so that addresses handed
 * out stay valid, or any free one where that is taken.
 * @throws Error when the port asked for cannot be had.
 */
export async function listen(server: Server, store: Store, kept: string, wanted?: number): Promise<void> {
  const bind = async (port: number) => {
    server.listen(port, host);
    await once(server, 'listening');
  };
  if (wanted === undefined) {
    await bind(Number(store.setting(kept) ?? 0)).catch(() => bind(0));
  } else {
    await bind(wanted).catch((error: Error) => {
      throw new Error(`Port ${wanted} cannot be used (${error.message}). Choose another one, or 0 for any.`);
    });
  }
  store.setSetting(kept, String(portOf(server)));
}

/** Where it listens; 0 while it does not. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}
