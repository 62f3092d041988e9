import { egressPortInside } from '../../egress/inside.ts';
import { enginePortInside } from '../../service.ts';
import type { Protocol } from './target.ts';

/** What an agent's own server is asked for. */
export interface Contract {
  port: number;
  /** Where invocations are posted. */
  path: string;
  /** Whether any answer to `GET /ping` will do, as servers of the protocol often have none. */
  lenientPing: boolean;
  /** Where WebSockets are opened, if they are. */
  socketPath?: string;
}

export const contracts: Readonly<Record<Protocol, Contract>> = {
  HTTP: { port: 8080, path: '/invocations', lenientPing: false, socketPath: '/ws' },
  MCP: { port: 8000, path: '/mcp', lenientPing: true },
  A2A: { port: 9000, path: '/', lenientPing: true },
  AGUI: { port: 8080, path: '/invocations', lenientPing: false, socketPath: '/ws' },
};

/** Where an agent finds its code. */
export const CODE = '/var/task';

/** What an agent reaches of the outside, as ports of its own 127.0.0.1. */
export const OUTLETS = { engine: enginePortInside, egress: egressPortInside } as const;
