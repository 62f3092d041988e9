import { type Key, keyFor, keyNamed, modifierBits } from './keys.ts';
import type { Page } from './watch.ts';

export interface Point {
  x: number;
  y: number;
}

export type Button = 'left' | 'right' | 'middle';

/** How many keys are on their way at once. */
const KEYS_AT_ONCE = 50;
const DRAG_STEPS = 10;
const heldBits: Readonly<Record<Button, number>> = { left: 1, right: 2, middle: 4 };

/** The mouse and keyboard at a page. Every method throws CdpError where the page does not take it. */
export class Input {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async click(at: Point, button: Button, count: number): Promise<void> {
    await this.move(at);
    for (let clickCount = 1; clickCount <= count; clickCount++) {
      await this.#mouse('mousePressed', at, { button, buttons: heldBits[button], clickCount });
      await this.#mouse('mouseReleased', at, { button, clickCount });
    }
  }

  async move(to: Point): Promise<void> {
    await this.#mouse('mouseMoved', to);
  }

  /** What the page lets be dragged, as a link or an element with `draggable`, is dropped; else the button is held on the way. */
  async drag(from: Point, to: Point, button: Button): Promise<void> {
    const held = { button, buttons: heldBits[button], clickCount: 1 };
    let dragged: unknown;
    const off = this.#page.on(({ method, params }) => {
      if (method === 'Input.dragIntercepted') dragged = params.data;
    });
    await this.#page.send('Input.setInterceptDrags', { enabled: true });
    try {
      await this.move(from);
      await this.#mouse('mousePressed', from, held);
      for (let step = 1; step <= DRAG_STEPS; step++) {
        const at = between(from, to, step / DRAG_STEPS);
        if (dragged) await this.#drag(step === DRAG_STEPS ? 'dragOver' : 'dragEnter', at, dragged);
        else await this.#mouse('mouseMoved', at, held);
      }
      if (dragged) await this.#drag('drop', to, dragged);
      await this.#mouse('mouseReleased', to, { button, clickCount: 1 });
    } finally {
      off();
      await this.#page.send('Input.setInterceptDrags', { enabled: false });
    }
  }

  /** Positive deltas scroll right and down, in pixels. */
  async scroll(at: Point, deltaX: number, deltaY: number): Promise<void> {
    await this.#mouse('mouseWheel', at, { deltaX, deltaY });
  }

  /** Leaves out what is not on the keyboard. */
  async type(text: string): Promise<void> {
    const keys = [...text].flatMap((character) => keyFor(character) ?? []);
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      const some = keys.slice(at, at + KEYS_AT_ONCE);
      await Promise.all(some.map((key) => this.#stroke(key, key.shift ? (modifierBits.Shift ?? 0) : 0)));
    }
  }

  /** Does nothing for a name that is not known. In a dialog `enter` accepts and `escape` dismisses. */
  async press(name: string, times: number): Promise<void> {
    const key = keyNamed(name);
    if (!key) return;
    for (let time = 0; time < times; time++) {
      if (this.#page.hasDialog) await this.#answerDialog(key);
      else await this.#stroke(key, 0);
    }
  }

  /** Presses keys in their order and lets them go in the reverse one. Leaves out names that are not known. */
  async shortcut(names: readonly string[]): Promise<void> {
    const keys = names.flatMap((name) => keyNamed(name) ?? []);
    let modifiers = 0;
    for (const key of keys) {
      modifiers |= modifierBits[key.key] ?? 0;
      await this.#key('down', key, modifiers);
    }
    for (const key of keys.toReversed()) {
      modifiers &= ~(modifierBits[key.key] ?? 0);
      await this.#key('up', key, modifiers);
    }
  }

  async #answerDialog({ key }: Key): Promise<void> {
    if (key !== 'Enter' && key !== 'Escape') return;
    await this.#page.send('Page.handleJavaScriptDialog', { accept: key === 'Enter' });
  }

  async #stroke(key: Key, modifiers: number): Promise<void> {
    await Promise.all([this.#key('down', key, modifiers), this.#key('up', key, modifiers)]);
  }

  async #key(direction: 'down' | 'up', { key, code, keyCode, text }: Key, modifiers: number): Promise<void> {
    const shifted = modifiers === modifierBits.Shift;
    const writes = direction === 'down' && (modifiers === 0 || shifted) ? text : undefined;
    const upper = (shown: string) => (shifted && /^[a-z]$/.test(shown) ? shown.toUpperCase() : shown);
    await this.#page.send('Input.dispatchKeyEvent', {
      type: direction === 'up' ? 'keyUp' : writes === undefined ? 'rawKeyDown' : 'keyDown',
      ...{ code, modifiers, key: upper(key), windowsVirtualKeyCode: keyCode },
      ...(writes !== undefined && { text: upper(writes), unmodifiedText: writes }),
    });
  }

  async #drag(type: string, { x, y }: Point, data: unknown): Promise<void> {
    await this.#page.send('Input.dispatchDragEvent', { type, x, y, data });
  }

  async #mouse(type: string, { x, y }: Point, details: object = {}): Promise<void> {
    await this.#page.send('Input.dispatchMouseEvent', { type, x, y, ...details });
  }
}

function between(from: Point, to: Point, way: number): Point {
  return { x: from.x + (to.x - from.x) * way, y: from.y + (to.y - from.y) * way };
}
