import type { IncomingMessage, RequestListener } from 'node:http';
import type { Log } from '../log.ts';
import type { ApiHandlers, Service } from '../service.ts';
import type { Gate } from './admission.ts';
import type { Tickets } from './tickets.ts';

export interface WireOptions extends Gate {
  /** What the engine really answers. */
  handlers: ApiHandlers;
  /** WebSockets by the template of their path. */
  sockets?: Service['sockets'];
  /** Pages by the template of their path. */
  pages?: Service['pages'];
  /** Default: new ones. */
  tickets?: Tickets;
  /** What everybody may read, by the template of its path. */
  documents?: Service['documents'];
  /** Answers what is signed for S3; it checks the signature by itself. */
  s3?: RequestListener | undefined;
  /** The Host headers let in, e.g. `127.0.0.1:4000`; asked for each request. */
  hosts(request: IncomingMessage): readonly string[];
  /** Whether a request comes from inside a sandbox. */
  isInner?(request: IncomingMessage): boolean;
  /** Larger bodies are refused with 413. */
  maxBodyBytes: number;
  log: Log;
}
