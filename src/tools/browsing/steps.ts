import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Context } from '../../context.ts';
import { ToolFailure } from '../../failure.ts';
import type { Action, Doing, Findings, Step } from './action.ts';
import { fileActions } from './actions-files.ts';
import { inputActions } from './actions-input.ts';
import { pageActions } from './actions-page.ts';
import { readActions } from './actions-read.ts';
import { describeDialog } from './dialogs.ts';
import type { ActionName } from './names.ts';
import { loaded, settling } from './settle.ts';
import type { Limits, Tab } from './tab.ts';
import type { Tabs } from './tabs.ts';
import { inWords, Trouble } from './trouble.ts';

export const actions: Readonly<Record<ActionName, Action>> = {
  ...pageActions,
  ...inputActions,
  ...fileActions,
  ...readActions,
};

/** What a step may take over its time before it is given up. */
const GRACE_MS = 1_000;
/** For a page that a step opened in another tab. */
const POPUP_MS = 5_000;

/** Looks at all steps before the first is done. @throws ToolFailure `InvalidArgument` that says what each one wants. */
export function checkSteps(steps: readonly Step[]): void {
  const problems = steps.flatMap((step, index) => {
    const problem = problemOf(step);
    return problem ? [`step ${index + 1} (${step.action}) ${problem}`] : [];
  });
  if (problems.length > 0)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `browse: ${problems.join('; ')}.`,
      hint: 'Nothing was done yet. Correct these and call again with all steps.',
    });
}

function problemOf({ action, target, value }: Step): string | undefined {
  const { target: takesTarget, value: takesValue, wants, check }: Action = actions[action];
  const wrong = value !== undefined && takesValue !== 'none' && check?.(value);
  const problems = [
    takesTarget === 'needed' && !target && 'needs a target: the element',
    takesTarget === 'none' && target !== undefined && 'takes no target',
    takesValue === 'needed' && value === undefined && `needs a value: ${wants}`,
    takesValue === 'none' && value !== undefined && 'takes no value',
    wrong && `wants as its value ${wants}; ${wrong}`,
  ];
  return problems.filter(Boolean).join(', and ') || undefined;
}

/** What all steps of a call share. */
export interface Run extends Limits {
  connection: Browser;
  tabs: Tabs;
  context: Context;
  findings: Findings;
}

/** A step that could not be done; the ones before it were. */
export interface Failed {
  /** From 1. */
  number: number;
  step: Step;
  trouble: Trouble;
}

/**
 * Does the steps in order, until one fails.
 * @throws only what is not of a step: that the call was cancelled, or the connection broke.
 */
export async function runSteps(
  steps: readonly Step[],
  run: Run,
  progress: (message: string) => void,
): Promise<Failed | undefined> {
  for (const [index, step] of steps.entries()) {
    const number = index + 1;
    progress(`step ${number} of ${steps.length}: ${step.action}`);
    try {
      const found = await runStep(step, run);
      if (found !== undefined) run.findings.texts.push(`${number} ${step.action}: ${found}`);
    } catch (error) {
      run.signal.throwIfAborted();
      if (!run.connection.isConnected()) throw error;
      return { number, step, trouble: troubleOf(error, run.timeout) };
    }
  }
  return undefined;
}

function troubleOf(error: unknown, timeout: number): Trouble {
  if (!(error instanceof ToolFailure)) return inWords(error, timeout);
  const { message, foreign, hint } = error.details;
  return new Trouble(message.replace(/\.$/, ''), { seen: foreign, hint, cause: error });
}

async function runStep({ action: name, target, value }: Step, run: Run): Promise<string | undefined> {
  const action: Action = actions[name];
  const { tabs } = run;
  const timeout = name === 'wait' && Number(value) > 0 ? Number(value) + run.timeout : run.timeout;
  const over = new AbortController();
  const signal = AbortSignal.any([run.signal, over.signal]);
  const late = sleep(timeout + GRACE_MS, undefined, { signal }).then(() => {
    throw new Trouble(`it was not done within ${timeout / 1000} s; the page may be too busy to answer`, {
      hint: 'The step tab with the value new opens another one.',
    });
  });
  try {
    const tab = await Promise.race([tabFor(action, run), late]);
    const doing: Doing = { ...run, tab, target, value, timeout, signal };
    const isAlone = action.reads || action.settled;
    const work = isAlone ? action.run(doing) : settling(tab.page, doing, () => action.run(doing));
    const found = await Promise.race([tab.isStuck ? work : tab.unlessStuck(work), late]);
    if (tab.crashed && !action.always) throw crashed();
    await Promise.race([tabs.settled(), late]);
    if (!isAlone && tabs.current && tabs.current !== tab)
      await tabs.current.unlessStuck(loaded(tabs.current.page, { timeout: POPUP_MS, signal }));
    return found;
  } finally {
    over.abort();
    late.catch(() => {});
  }
}

/** The tab that a step is done in. @throws Trouble where nothing can be done in the current one. */
async function tabFor({ always, renews }: Action, { tabs }: Run): Promise<Tab> {
  const tab = await tabs.open();
  if (tab.dialog && !always)
    throw new Trouble('a dialog is open and holds up the page', {
      seen: describeDialog(tab.dialog),
      hint: 'Answer it with a dialog step: accept, dismiss, or the text for a prompt.',
    });
  if (!tab.crashed || always) return tab;
  if (!renews) throw crashed();
  const fresh = await tabs.add();
  await tabs.close(tab);
  return fresh;
}

function crashed(): Trouble {
  return new Trouble('the page has crashed', { hint: 'An open step opens a page anew.' });
}
