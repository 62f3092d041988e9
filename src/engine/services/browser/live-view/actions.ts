import type { Action } from './messages.ts';
import type { Tabs } from './tabs.ts';

/**
 * Does in the browser what a person does in its picture.
 * @throws Error in words for that person where it cannot be done.
 */
export async function act(tabs: Tabs, action: Action): Promise<void> {
  switch (action.type) {
    case 'mouse': {
      const { type: _, event, ...params } = action;
      return tabs.tell('Input.dispatchMouseEvent', { type: event, ...params });
    }
    case 'key': {
      const { type: _, event, text, ...params } = action;
      const typed = text === undefined ? {} : { text, unmodifiedText: text };
      return tabs.tell('Input.dispatchKeyEvent', { type: event, ...params, ...typed });
    }
    case 'text':
      return tabs.tell('Input.insertText', { text: action.text });
    case 'navigate':
      return tabs.tell('Page.navigate', { url: addressOf(action.url) });
    case 'history':
      return goBy(tabs, action.step);
    case 'reload':
      return tabs.tell('Page.reload');
    case 'show':
      return tabs.activate(action.tab);
    case 'answer': {
      const { accept, text } = action;
      const isPrompt = tabs.shown?.dialog?.kind === 'prompt';
      return tabs.tell('Page.handleJavaScriptDialog', { accept, ...(isPrompt && { promptText: text }) });
    }
  }
}

async function goBy(tabs: Tabs, step: number): Promise<void> {
  const { currentIndex, entries } = await tabs.ask('Page.getNavigationHistory');
  const entry = entries[currentIndex + step];
  if (entry) tabs.tell('Page.navigateToHistoryEntry', { entryId: entry.id });
}

/** What people leave out of an address is added. @throws Error for anything but the web. */
function addressOf(text: string): string {
  const typed = text.trim();
  if (typed === 'about:blank') return typed;
  const isLocal = /^(localhost|\d+(\.\d+){3}|\[[\d:a-f]+\])([:/?#]|$)/i.test(typed);
  const url = URL.parse(
    /^[a-z][a-z\d+.-]*:(?!\d)/i.test(typed) ? typed : `http${isLocal ? '' : 's'}://${typed}`,
  );
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  throw new Error(
    `${JSON.stringify(typed.slice(0, 64))} is no address of the web: it must begin with http:// or https://.`,
  );
}
