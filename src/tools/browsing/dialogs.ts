import type { Dialog } from 'playwright-core';

/** `dismiss`, `accept`, or what to enter into a prompt. */
export function answerDialog(dialog: Dialog, answer: string): Promise<void> {
  if (answer === 'dismiss') return dialog.dismiss();
  return dialog.accept(answer === 'accept' ? dialog.defaultValue() : answer);
}

/** E.g. `confirm "Really?"`. */
export function describeDialog(dialog: Dialog): string {
  if (dialog.type() === 'beforeunload') return 'beforeunload (the page asks whether to leave it)';
  return `${dialog.type()} ${JSON.stringify(dialog.message())}`;
}
