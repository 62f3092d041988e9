/** A key as DevTools wants it: `keyCode` is Windows' virtual one, `text` what it writes. */
export interface Key {
  key: string;
  code: string;
  keyCode: number;
  text?: string;
}

/** A letter, digit or sign, and with what modifiers it is typed. */
export interface Typed extends Key {
  shift: boolean;
}

/** The bits of `modifiers`, by the name of the key. */
export const modifierBits: Readonly<Record<string, number>> = { Alt: 1, Control: 2, Meta: 4, Shift: 8 };

/** The signs of a US keyboard besides letters: code, key code, plain and with Shift. */
const signs: readonly (readonly [string, number, string, string])[] = [
  ...[...')!@#$%^&*('].map((shifted, digit) => [`Digit${digit}`, 48 + digit, `${digit}`, shifted] as const),
  ['Space', 32, ' ', ' '],
  ['Semicolon', 186, ';', ':'],
  ['Equal', 187, '=', '+'],
  ['Comma', 188, ',', '<'],
  ['Minus', 189, '-', '_'],
  ['Period', 190, '.', '>'],
  ['Slash', 191, '/', '?'],
  ['Backquote', 192, '`', '~'],
  ['BracketLeft', 219, '[', '{'],
  ['Backslash', 220, '\\', '|'],
  ['BracketRight', 221, ']', '}'],
  ['Quote', 222, "'", '"'],
];

const letters = [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => {
  const upper = letter.toUpperCase();
  return [`Key${upper}`, upper.charCodeAt(0), letter, upper] as const;
});

const enter: Key = { key: 'Enter', code: 'Enter', keyCode: 13, text: '\r' };
const tab: Key = { key: 'Tab', code: 'Tab', keyCode: 9 };

const typed = new Map<string, Typed>([
  ...[...letters, ...signs].flatMap(([code, keyCode, plain, shifted]) => [
    [shifted, { code, keyCode, key: shifted, text: shifted, shift: true }] as const,
    [plain, { code, keyCode, key: plain, text: plain, shift: false }] as const,
  ]),
  ['\n', { ...enter, shift: false }],
  ['\t', { ...tab, shift: false }],
]);

const named = new Map<string, Key>([
  ['enter', enter],
  ['tab', tab],
  ['space', { key: ' ', code: 'Space', keyCode: 32, text: ' ' }],
  ['backspace', { key: 'Backspace', code: 'Backspace', keyCode: 8 }],
  ['delete', { key: 'Delete', code: 'Delete', keyCode: 46 }],
  ['insert', { key: 'Insert', code: 'Insert', keyCode: 45 }],
  ['escape', { key: 'Escape', code: 'Escape', keyCode: 27 }],
  ['home', { key: 'Home', code: 'Home', keyCode: 36 }],
  ['end', { key: 'End', code: 'End', keyCode: 35 }],
  ['pageup', { key: 'PageUp', code: 'PageUp', keyCode: 33 }],
  ['pagedown', { key: 'PageDown', code: 'PageDown', keyCode: 34 }],
  ['left', { key: 'ArrowLeft', code: 'ArrowLeft', keyCode: 37 }],
  ['up', { key: 'ArrowUp', code: 'ArrowUp', keyCode: 38 }],
  ['right', { key: 'ArrowRight', code: 'ArrowRight', keyCode: 39 }],
  ['down', { key: 'ArrowDown', code: 'ArrowDown', keyCode: 40 }],
  ['ctrl', { key: 'Control', code: 'ControlLeft', keyCode: 17 }],
  ['alt', { key: 'Alt', code: 'AltLeft', keyCode: 18 }],
  ['shift', { key: 'Shift', code: 'ShiftLeft', keyCode: 16 }],
  ['meta', { key: 'Meta', code: 'MetaLeft', keyCode: 91 }],
  ...Array.from({ length: 12 }, (_, index) => {
    const key = `F${index + 1}`;
    return [key.toLowerCase(), { key, code: key, keyCode: 112 + index }] as const;
  }),
]);

/** How a character is typed; undefined for what is not on the keyboard, which has ASCII, line feed and tab. */
export function keyFor(character: string): Typed | undefined {
  return typed.get(character);
}

/** The key of a name in lower case: a character that needs no Shift, or e.g. `enter`, `ctrl`, `f5`. */
export function keyNamed(name: string): Key | undefined {
  const sign = typed.get(name);
  return named.get(name) ?? (sign?.shift === false ? sign : undefined);
}
