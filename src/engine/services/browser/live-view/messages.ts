import { z } from 'zod';

/** Sums of 1 Alt, 2 Control, 4 Meta, 8 Shift, as the DevTools protocol has them. */
const modifiers = z.int().min(0).max(15);
const MAX_TEXT = 100_000;

const mouse = z.strictObject({
  type: z.literal('mouse'),
  event: z.enum(['mouseMoved', 'mousePressed', 'mouseReleased', 'mouseWheel']),
  /** In CSS pixels of the page. */
  x: z.number(),
  y: z.number(),
  button: z.enum(['none', 'left', 'middle', 'right', 'back', 'forward']),
  /** Those that are down: sums of 1 left, 2 right, 4 middle. */
  buttons: z.int().min(0).max(31),
  clickCount: z.int().min(0).max(3),
  deltaX: z.number(),
  deltaY: z.number(),
  modifiers,
});

const key = z.strictObject({
  type: z.literal('key'),
  event: z.enum(['keyDown', 'rawKeyDown', 'keyUp']),
  key: z.string().max(32),
  code: z.string().max(32),
  windowsVirtualKeyCode: z.int().min(0).max(255),
  location: z.int().min(0).max(3),
  autoRepeat: z.boolean(),
  /** What it types, if anything. */
  text: z.string().max(8).optional(),
  modifiers,
});

/** What a person does in the browser, which only who is in control may. */
const action = z.discriminatedUnion('type', [
  mouse,
  key,
  /** Composed or pasted text. */
  z.strictObject({ type: z.literal('text'), text: z.string().max(MAX_TEXT) }),
  z.strictObject({ type: z.literal('navigate'), url: z.string().max(MAX_TEXT) }),
  z.strictObject({ type: z.literal('history'), step: z.union([z.literal(-1), z.literal(1)]) }),
  z.strictObject({ type: z.literal('reload') }),
  z.strictObject({ type: z.literal('show'), tab: z.string().max(64) }),
  /** The answer to the dialog of the tab that is shown. */
  z.strictObject({ type: z.literal('answer'), accept: z.boolean(), text: z.string().max(MAX_TEXT) }),
]);

const message = z.union([
  action,
  /** The last picture was drawn, and the next one may come. */
  z.strictObject({ type: z.literal('drawn') }),
  z.strictObject({ type: z.literal('take') }),
  z.strictObject({ type: z.literal('release') }),
]);

export type Action = z.infer<typeof action>;
export type ViewerMessage = z.infer<typeof message>;

/** @throws Error saying what is wrong with a message of a viewer. */
export function readMessage(text: string | Uint8Array): ViewerMessage {
  if (typeof text !== 'string') throw new Error('Messages are JSON, as text.');
  const read = message.safeParse(JSON.parse(text));
  if (read.success) return read.data;
  throw new Error(`The message is not understood: ${z.prettifyError(read.error)}`);
}

/** A tab as viewers see it. Title and address are the page's own words. */
export interface Tab {
  id: string;
  title: string;
  url: string;
}

/** What a page asks with `alert`, `confirm` or `prompt`, or before it is left. */
export interface Dialog {
  kind: 'alert' | 'confirm' | 'prompt' | 'beforeunload';
  message: string;
  /** What a prompt suggests. */
  suggestion: string;
}

/** What viewers are told, as JSON; pictures come beside it. */
export type Told =
  | {
      type: 'state';
      tabs: Tab[];
      /** The id of the tab that is shown. */
      shown: string | undefined;
      dialog: Dialog | undefined;
      /** Whether that tab does not answer. */
      silent: boolean;
      /** Who is in control: automation, this viewer, another one, or nobody while automation is off. */
      control: 'automation' | 'you' | 'other' | 'nobody';
    }
  /** For the next connection. */
  | { type: 'ticket'; ticket: string }
  /** What was asked for was not done. */
  | { type: 'refused'; reason: string }
  | { type: 'ended'; reason: string };
