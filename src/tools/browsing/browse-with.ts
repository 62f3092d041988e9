import type { AutomationView, BrowserSession } from '../../agentcore/browser/browsers.ts';
import { LET_GO_MS } from '../../agentcore/tasks.ts';
import { untilAborted } from '../../agentcore/until-aborted.ts';
import { ToolFailure } from '../../failure.ts';
import type { BrowseArguments, Browsed } from '../browse.ts';
import type { ToolAnswer, ToolCall } from '../define.ts';
import { newSessionNote } from '../session-note.ts';
import type { Findings, Step } from './action.ts';
import { pageText, problemsIn } from './answer.ts';
import { actions, checkSteps, type Failed, runSteps } from './steps.ts';
import { Tabs } from './tabs.ts';

const STEP_FAILED = 'StepFailed';
/** For all steps of a call together. */
const MAX_MS = 15 * 60_000;
/** For a first look at what is open. */
const LOOK_MS = 20_000;
/** Of the length of a result, what the page may have. */
const PAGE_SHARE = 0.6;

/**
 * Does the steps in a session and shows what came of it. A new session that no answer has named is ended again.
 * @throws ToolFailure for the first step that cannot be done.
 */
export async function browseWith(args: BrowseArguments, call: ToolCall): Promise<ToolAnswer<Browsed>> {
  checkSteps(args.steps ?? []);
  const { browsers } = call.context;
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(MAX_MS)]);
  call.progress('preparing the browser');
  const session = await browsers.open(args.session, signal, { profile: args.profile });
  try {
    signal.throwIfAborted();
    return await browsers.using(session, signal, (view) =>
      browseIn(session, args, { ...call, signal }, view),
    );
  } catch (error) {
    const isNamed = args.session !== undefined || isStepFailure(error);
    if (session.started && !isNamed)
      await browsers.stop(session.id, AbortSignal.timeout(LET_GO_MS)).catch(() => {});
    throw error;
  }
}

const isStepFailure = (error: unknown) => error instanceof ToolFailure && error.details.code === STEP_FAILED;

async function browseIn(
  session: BrowserSession,
  args: BrowseArguments,
  { context, signal, progress }: ToolCall,
  { connection, returned }: AutomationView,
): Promise<ToolAnswer<Browsed>> {
  const { browsers, config } = context;
  const tabs = await untilAborted(
    Tabs.of(connection),
    AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]),
  );
  const steps = args.steps ?? [];
  const findings: Findings = { texts: [], images: [], saved: [], links: [], full: false };
  const run = { connection, tabs, context, findings, timeout: args.timeout_seconds * 1000, signal };
  const failed = await runSteps(steps, run, progress).finally(() => {
    // An answer to a dialog that did not come is not for those of later calls.
    tabs.answers.length = 0;
  });
  const view = findings.full ? 'full' : isRead(steps.at(-1)) && !failed ? 'none' : 'changes';
  const page = await pageText(tabs, { view, maxTokens: config.maxResultTokens * PAGE_SHARE, signal });
  const results = [...findings.texts, ...asides(tabs)].join('\n\n');
  const notes = [
    session.started && newSessionNote(args.session, session),
    returned && 'The person has given control back.',
    problemsIn(tabs),
  ];
  if (failed) throw failureOf(failed, { session, saved: findings.saved, page, results });
  if (args.handover) {
    await browsers.handOver(session, signal);
    notes.push('A person has control now, in the live view; the next browse says whether it is back.');
  }
  if (session.started || args.handover) notes.push(`Live view: ${await browsers.liveViewUrl(session)}`);
  return {
    data: {
      session: session.id,
      results: results || undefined,
      page,
      saved: findings.saved.length > 0 ? findings.saved : undefined,
      note: notes.filter(Boolean).join(' ') || undefined,
    },
    images: findings.images,
    links: findings.links,
  };
}

const isRead = (step: Step | undefined) => step !== undefined && actions[step.action].reads === true;

/** What happened besides: dialogs that were answered as a step had said, and files that came by themselves. */
function asides({ answered, current }: Tabs): string[] {
  const files = current?.downloads.splice(0) ?? [];
  return [
    ...answered.splice(0).map((dialog) => `dialog: ${dialog}`),
    ...files.map((name) => `not saved: ${name} (a download step on what was clicked saves it)`),
  ];
}

interface Left {
  session: BrowserSession;
  saved: string[];
  page: string;
  results: string;
}

/** Names the step, why it failed, what was done before, and how to go on. */
function failureOf({ number, step, trouble }: Failed, { session, saved, page, results }: Left): ToolFailure {
  const what = [step.action, step.target].filter(Boolean).join(' ');
  const before =
    number === 1 ? 'No step was done' : number === 2 ? 'Step 1 was done' : `Steps 1-${number - 1} were done`;
  return new ToolFailure(
    {
      code: STEP_FAILED,
      message: `Step ${number} (${what}) failed: ${trouble.message}. ${before}${saved.length > 0 ? `; saved: ${saved.join(', ')}` : ''}.`,
      foreign: [trouble.seen, results, page].filter(Boolean).join('\n\n'),
      hint: `${trouble.hint ? `${trouble.hint} ` : ''}Go on from step ${number} in session: "${session.id}".`,
    },
    { cause: trouble },
  );
}
