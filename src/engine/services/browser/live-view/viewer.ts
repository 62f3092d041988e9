import type { Channel } from '../../../service.ts';
import type { Told } from './messages.ts';
import type { Picture } from './tabs.ts';

/** Two numbers of 16 bits: width and height. */
const HEAD_BYTES = 4;
const TICKET_MS = 60_000;

/** Somebody who looks on. Pictures that come faster than they are drawn are left out, but never the last one. */
export class Viewer {
  readonly channel: Channel;
  #drawing = false;
  #next: Picture | undefined;

  constructor(channel: Channel, ticket: () => string) {
    this.channel = channel;
    const renew = () => this.tell({ type: 'ticket', ticket: ticket() });
    renew();
    const timer = setInterval(renew, TICKET_MS).unref();
    void channel.ended.then(() => clearInterval(timer));
  }

  tell(told: Told): void {
    this.channel.send(JSON.stringify(told));
  }

  show(picture: Picture): void {
    if (this.#drawing) {
      this.#next = picture;
      return;
    }
    this.#drawing = true;
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt16BE(Math.round(picture.width), 0);
    head.writeUInt16BE(Math.round(picture.height), 2);
    this.channel.send(Buffer.concat([head, picture.jpeg]));
  }

  drawn(): void {
    this.#drawing = false;
    const next = this.#next;
    this.#next = undefined;
    if (next) this.show(next);
  }

  end(reason: string): void {
    this.tell({ type: 'ended', reason });
    this.channel.close();
  }
}
