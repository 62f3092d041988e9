import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mount } from './mounts.ts';
import type { Outlets } from './sandbox.ts';
import { SandboxError } from './sandbox.ts';
import { endedError } from './sandbox-process.ts';

/** Where a sandbox finds its door. */
export const DOOR = '/opt/agentcore/door';

const PREFIX = 'agentcore-door-';
/** The size of what a connection says of itself before anything else. */
const FIRST_LINE = 40;
const FIRST_LINE_MS = 5_000;
/** How long a connection that the supervisor has announced may take to come. */
const ARRIVAL_MS = 10_000;
const MAX_CONNECTIONS = 512;
/** After the end of a sandbox, what it had sent can still be read for this long. */
const LINGER_MS = 5_000;
/** Folders older than this belong to no sandbox that is starting. */
const ABANDONED_MS = 60_000;

interface Expected {
  resolve(connection: Socket): void;
  reject(error: Error): void;
}

/**
 * The one way between a sandbox and the engine: a local socket on which only the engine listens, so that it never connects
 * to anything made by the code inside. A connection says on its first line what it is: one that was asked for, by its
 * ticket, or one to an outlet. The code inside can say the same, but knows no ticket and has the outlets anyway.
 */
export class Door {
  readonly #server: Server;
  readonly #folder: string;
  readonly #source: string;
  readonly #outlets: Outlets;
  readonly #expected = new Map<string, Expected>();
  readonly #connections = new Set<Socket>();

  private constructor(folder: string, name: string, outlets: Outlets) {
    this.#folder = folder;
    this.#source = join(folder, name);
    this.#outlets = outlets;
    this.#server = createServer({ allowHalfOpen: true }, (connection) => this.#admit(connection));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** A door in a new folder that only this user can enter. */
  static async open(outlets: Outlets): Promise<Door> {
    const folder = mkdtempSync(join(tmpdir(), PREFIX));
    try {
      // Under a name of its own: Node removes it once more when the server is closed, by the path it was given.
      const door = new Door(folder, randomBytes(8).toString('hex'), outlets);
      await door.#listen();
      return door;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Lets a sandbox that is about to start have it. */
  get mount(): Mount {
    return { kind: 'bind', source: this.#source, target: DOOR };
  }

  /** Takes it away from the host's file system; the sandbox that has started keeps its own way to it. */
  hide(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A connection that the supervisor is asked for under a ticket, which holds once. */
  expect(): { ticket: string; arrival(): Promise<Socket>; forget(): void } {
    const ticket = randomBytes(16).toString('hex');
    const coming = new Promise<Socket>((resolve, reject) => this.#expected.set(ticket, { resolve, reject }));
    coming.catch(() => {});
    const forget = () => void this.#expected.delete(ticket);
    const late = () => {
      this.#expected
        .get(ticket)
        ?.reject(
          new SandboxError(
            'no-space',
            `Of a sandbox only ${MAX_CONNECTIONS} connections can be open; close others.`,
          ),
        );
      forget();
    };
    const arrival = () => {
      const timer = setTimeout(late, ARRIVAL_MS);
      return coming.finally(() => clearTimeout(timer));
    };
    return { ticket, arrival, forget };
  }

  /** Takes no more connections; those there are end as soon as what came is read. */
  close(reason: string): void {
    this.hide();
    this.#server.close();
    for (const { reject } of this.#expected.values()) reject(endedError(reason));
    this.#expected.clear();
    for (const connection of this.#connections) {
      connection.end();
      const timer = setTimeout(() => connection.destroy(), LINGER_MS);
      connection.once('close', () => clearTimeout(timer));
    }
  }

  async #listen(): Promise<void> {
    // The address of a local socket may have 107 bytes, and the folder's own path may be longer.
    const folder = openSync(this.#folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      this.#server.listen(`/proc/self/fd/${folder}/${this.#source.slice(this.#folder.length + 1)}`);
      await once(this.#server, 'listening');
    } finally {
      closeSync(folder);
    }
    // For the user inside, who has another id where the engine is root's. Nobody else can enter the folder.
    chmodSync(this.#source, 0o666);
  }

  #admit(connection: Socket): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    connection.on('error', () => {});
    const drop = () => connection.destroy();
    const timer = setTimeout(drop, FIRST_LINE_MS);
    connection.once('close', () => clearTimeout(timer));
    connection.once('end', drop);
    const onReadable = () => {
      const line: Buffer | null = connection.read(FIRST_LINE);
      if (line === null) return;
      clearTimeout(timer);
      connection.off('end', drop);
      connection.off('readable', onReadable);
      this.#direct(connection, line.toString('latin1').trim());
    };
    connection.on('readable', onReadable);
  }

  #direct(connection: Socket, line: string): void {
    const [kind, value = ''] = line.split(' ', 2);
    const expected = this.#expected.get(value);
    if (kind === 'ticket' && expected) {
      this.#expected.delete(value);
      expected.resolve(connection);
    } else if (kind === 'outlet' && Object.hasOwn(this.#outlets, value)) {
      this.#outlets[Number(value)]?.(connection);
    } else {
      connection.destroy();
    }
  }
}

/** Removes what engines have left that were killed while a sandbox of theirs was starting. */
export function sweepDoors(): void {
  try {
    for (const name of readdirSync(tmpdir()))
      if (name.startsWith(PREFIX)) removeAbandoned(join(tmpdir(), name));
  } catch {
    // Somebody else's, or gone meanwhile.
  }
}

function removeAbandoned(folder: string): void {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) return;
  if (Date.now() - stat.mtimeMs > ABANDONED_MS) rmSync(folder, { recursive: true, force: true });
}
