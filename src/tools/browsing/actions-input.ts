import { type Action, type Doing, element, limitsOf } from './action.ts';
import { chooseOptions, fillForm, formIn } from './form.ts';
import { revealed } from './secrets.ts';
import { find } from './targets.ts';

const buttons = ['right', 'middle'] as const;

/** What a person does with mouse and keyboard. */
export const inputActions = {
  click: {
    target: 'needed',
    value: 'optional',
    wants: 'double, right or middle',
    check: (value) => (['double', ...buttons].includes(value) ? undefined : 'it is none of these'),
    async run(doing) {
      const at = await element(doing);
      const button = buttons.find((name) => name === doing.value);
      if (doing.value === 'double') await at.dblclick(limitsOf(doing));
      else await at.click({ ...limitsOf(doing), ...(button && { button }) });
      return undefined;
    },
  },
  type: {
    target: 'optional',
    value: 'needed',
    wants: 'the text to type',
    async run(doing) {
      const text = await secretOrText(doing);
      if (!doing.target) await doing.tab.page.keyboard.insertText(text);
      else await (await element(doing)).fill(text, limitsOf(doing));
      return undefined;
    },
  },
  fill: {
    target: 'optional',
    value: 'needed',
    wants: 'a JSON object of labels, names or refs and what to enter, e.g. {"Name": "Ann", "Gift": true}',
    check: (value) => (formIn(value) ? undefined : 'it is no such object'),
    async run(doing) {
      await fillForm(doing, formIn(doing.value ?? '') ?? {});
      return undefined;
    },
  },
  press: {
    target: 'optional',
    value: 'needed',
    wants: 'keys such as Enter, Control+A or "ArrowDown ArrowDown Enter"',
    async run(doing) {
      if (doing.target) await (await element(doing)).focus(limitsOf(doing));
      for (const key of keysIn(doing.value ?? '')) await doing.tab.page.keyboard.press(key);
      return undefined;
    },
  },
  select: {
    target: 'needed',
    value: 'needed',
    wants: 'an option, or several as a JSON list',
    async run(doing) {
      await chooseOptions(await element(doing), listIn(doing.value ?? ''), limitsOf(doing));
      return undefined;
    },
  },
  check: {
    target: 'needed',
    value: 'none',
    async run(doing) {
      await (await element(doing)).check(limitsOf(doing));
      return undefined;
    },
  },
  uncheck: {
    target: 'needed',
    value: 'none',
    async run(doing) {
      await (await element(doing)).uncheck(limitsOf(doing));
      return undefined;
    },
  },
  hover: {
    target: 'needed',
    value: 'none',
    async run(doing) {
      await (await element(doing)).hover(limitsOf(doing));
      return undefined;
    },
  },
  drag: {
    target: 'needed',
    value: 'needed',
    wants: 'the element to drop it on',
    async run(doing) {
      const to = await find(doing.tab, doing.value ?? '', doing);
      await (await element(doing)).dragTo(to, limitsOf(doing));
      return undefined;
    },
  },
  scroll: {
    target: 'optional',
    value: 'optional',
    wants: 'up, down, top, bottom, or pixels',
    check: (value) => (/^(?:up|down|top|bottom|-?\d{1,6})$/.test(value) ? undefined : 'it is none of these'),
    async run(doing) {
      const { value, target, tab } = doing;
      const by = `scrollBy(0, ${distances[value ?? 'down'] ?? value})`;
      if (!target) await tab.page.evaluate(by);
      else if (!value) await (await element(doing)).scrollIntoViewIfNeeded(limitsOf(doing));
      else await (await element(doing)).evaluate(scrollable(by), undefined, limitsOf(doing));
      return undefined;
    },
  },
} satisfies Record<string, Action>;

/** Scrolls the nearest thing around an element that scrolls. */
const scrollable = (by: string) => `(at) => {
  const scrolls = (one) => one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY);
  while (at && !scrolls(at)) at = at.parentElement;
  (at ?? window).${by};
}`;

const distances: Record<string, string> = {
  up: '-0.9 * innerHeight',
  down: '0.9 * innerHeight',
  top: '-1e9',
  bottom: '1e9',
};

function secretOrText({ value = '', context }: Doing): Promise<string> {
  return revealed(value, { workspace: context.workspace, env: process.env });
}

/** Other names that keys go by. */
const keyNames: Record<string, string> = {
  ctrl: 'Control',
  cmd: 'Meta',
  command: 'Meta',
  option: 'Alt',
  esc: 'Escape',
  return: 'Enter',
  del: 'Delete',
  up: 'ArrowUp',
  down: 'ArrowDown',
  left: 'ArrowLeft',
  right: 'ArrowRight',
};

function keysIn(value: string): string[] {
  const named = (key: string) => keyNames[key.toLowerCase()] ?? key;
  return value.trim() === ''
    ? ['Space']
    : value
        .trim()
        .split(/\s+/)
        .map((keys) =>
          keys
            .split(/(?<=.)\+(?=.)/)
            .map(named)
            .join('+'),
        );
}

/** A JSON list of texts, or the text itself. */
export function listIn(value: string): string[] {
  try {
    const list: unknown = JSON.parse(value);
    if (Array.isArray(list)) return list.map(String);
  } catch {
    // It is one text.
  }
  return [value];
}
