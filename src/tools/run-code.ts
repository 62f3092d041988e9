import type { CodeInterpreterResult } from '@aws-sdk/client-bedrock-agentcore';
import { z } from 'zod';
import { type CodeFile, writeCodeFiles } from '../agentcore/code-files.ts';
import { invokeCodeInterpreter } from '../agentcore/code-interpreter.ts';
import { handleOf, startCommand } from '../agentcore/command-tasks.ts';
import { LET_GO_MS } from '../agentcore/tasks.ts';
import type { OpenSession } from '../agentcore/tool-sessions/sessions.ts';
import type { Context } from '../context.ts';
import { ToolFailure } from '../failure.ts';
import { download, readUploads } from './code-transfers.ts';
import { defineTool, foreign, type Image, type ToolAnswer, type ToolCall } from './define.ts';
import { failureOf } from './failures.ts';
import { newSessionNote } from './session-note.ts';

/** AWS ends a synchronous call after 15 minutes. */
const MAX_SECONDS = 900;
const DEFAULT_SECONDS = 300;
const MAX_FILES = 20;

const paths = z.array(z.string()).max(MAX_FILES).optional();

const input = z.strictObject({
  code: z.string().optional().describe('Not needed to only move files'),
  language: z.enum(['python', 'javascript', 'typescript', 'shell']).default('python'),
  session: z
    .string()
    .max(200)
    .optional()
    .describe('`session` of an earlier result, or your own label; a new label starts a session'),
  internet: z.boolean().optional().describe('For a new session; pip install works then'),
  reset: z.boolean().optional().describe('First forget Python variables; files stay'),
  upload: paths.describe('Workspace files (no folders, globs) copied in first, same path'),
  download: paths.describe('Session files (no globs) copied out after, same paths'),
  background: z
    .boolean()
    .optional()
    .describe('Shell only: gives a task at once, for get_task; no time limit'),
  timeout_seconds: z.int().min(1).max(MAX_SECONDS).default(DEFAULT_SECONDS),
});

const output = z.object({
  session: z.string(),
  exit_code: z.int().optional(),
  stdout: foreign(z.string().optional()),
  stderr: foreign(z.string().optional()),
  seconds: z.number().optional(),
  downloaded: z.array(z.string()).optional(),
  not_downloaded: foreign(z.array(z.string()).optional()),
  note: z.string().optional(),
});

type Arguments = z.output<typeof input>;

/** What is answered at once where a command goes on in the background. */
interface Started {
  status?: 'running';
  /** For get_task, of any server. */
  task?: string;
}

export const runCode = defineTool({
  name: 'run_code',
  title: 'Run code',
  toolset: 'code',
  kind: 'execute',
  long: true,
  onlyStarts: ({ background }) => background === true,
  startsSessions: true,
  imagesCure: 'save them with savefig and name them in download, or use a lower dpi',
  description:
    'Run Python (numpy, pandas, matplotlib), JS, TS or shell commands in a sandbox: compute, analyse data, plot. Shows the last expression and figures. To download a figure, save it to a file. A session keeps files, and variables (also `let`, `const`). Without `session`, a call starts a new one.',
  input,
  output,
  async handle(args, call) {
    const { context, signal, progress } = call;
    checkRequest(args);
    progress('preparing the session');
    const uploads = await readUploads(context, args.upload ?? []);
    const session = await context.sessions.open(args.session, signal, { internet: args.internet });
    try {
      signal.throwIfAborted();
      return await runIn(session, args, uploads, call);
    } catch (error) {
      const ending = session.started ? undefined : await context.sessions.ending(session.id, error, signal);
      throw ending ?? (await failureIn(session, args, context, error));
    }
  },
});

async function runIn(
  session: OpenSession,
  args: Arguments,
  uploads: readonly CodeFile[],
  { context, signal, progress }: ToolCall,
): Promise<ToolAnswer<z.output<typeof output> & Started>> {
  const { agentcore } = context;
  const call = { signal, timeoutMs: args.timeout_seconds * 1000 };
  if (uploads.length > 0) await writeCodeFiles(agentcore, session, uploads, call);
  progress('running the code');
  const started = args.background && (await startCommand(agentcore, session, args.code ?? '', signal));
  const request = started ? undefined : requestOf(args);
  const result = request && (await invokeCodeInterpreter(agentcore, session, request, call));
  const files = await download(context, session, args.download ?? [], call);
  const notes = [
    session.started && newSessionNote(args.session, session),
    listed(
      'Uploaded',
      uploads.map(({ path }) => path),
    ),
    listed('Replaced in the workspace', files.replaced),
  ];
  return {
    data: {
      session: session.id,
      ...(started && { status: 'running', task: handleOf(started) }),
      ...(result && outcomeOf(result)),
      downloaded: files.saved,
      not_downloaded: files.failed,
      note: notes.filter(Boolean).join(' ') || undefined,
    },
    images: result ? imagesOf(result) : [],
    links: files.links,
  };
}

/** Failures after which nobody knows whether what was asked has ended. */
const unknownEnds = ['TimedOut', 'Timeout', 'ConnectionBroken'];

/** What the model is told. A new session that only this call knows is stopped; one that stays is named. */
async function failureIn(
  { id }: OpenSession,
  { session }: Arguments,
  context: Context,
  error: unknown,
): Promise<ToolFailure> {
  const { details } = await failureOf(context, error);
  const stopped = session === undefined && (await stopUnused(context, id));
  const hint = stopped
    ? 'The session that was started for this call has been stopped.'
    : `To go on in its session, pass session: "${id}"${unknownEnds.includes(details.code) ? '; what ran there may still be running' : ''}.`;
  return new ToolFailure(
    { ...details, hint: [details.hint, hint].filter(Boolean).join(' ') },
    { cause: error },
  );
}

/** @returns whether it was stopped; where it was not, the failure of the call is told and not this one. */
function stopUnused({ sessions }: Context, id: string): Promise<boolean> {
  return sessions.stop(id, AbortSignal.timeout(LET_GO_MS)).then(
    () => true,
    () => false,
  );
}

const ofJavaScript = {
  reason: 'AgentCore cannot forget those of JavaScript and TypeScript',
  instead: 'use another session; variables can also be declared anew',
};
/** Why there is no reset, and what to do without it. */
const resetHints = {
  javascript: ofJavaScript,
  typescript: ofJavaScript,
  shell: { reason: 'the shell keeps none', instead: 'use language python' },
};

function checkRequest(args: Arguments): void {
  const { code, reset, upload, download, language } = args;
  if (!code && !reset && !upload?.length && !download?.length)
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: 'run_code: there is nothing to do.',
      hint: 'Give code, or upload, download or reset.',
    });
  if (reset && language !== 'python')
    throw new ToolFailure({
      code: 'InvalidArgument',
      message: `run_code: reset forgets Python variables; ${resetHints[language].reason}.`,
      hint: `Leave reset out, or ${resetHints[language].instead}.`,
    });
  if (args.background) checkBackground(args);
}

function checkBackground({ code, download, language }: Arguments): void {
  const refuse = (message: string, hint: string) => {
    throw new ToolFailure({ code: 'InvalidArgument', message: `run_code: ${message}`, hint });
  };
  if (language !== 'shell')
    refuse(
      `background is for shell commands, not for ${language}.`,
      'Leave background out: what takes longer than wait_seconds goes on as a task anyway. Or run a script with language shell.',
    );
  if (!code) refuse('there is no command to start in the background.', 'Give it as code.');
  if (download?.length)
    refuse(
      'a command in the background has no files to download yet.',
      'Download them with another call in its session, once get_task says that it has ended.',
    );
}

type CodeRequest = Parameters<typeof invokeCodeInterpreter>[2];

function requestOf({ code, language, reset }: Arguments): CodeRequest | undefined {
  if (language === 'shell')
    return !code ? undefined : { name: 'executeCommand', arguments: { command: code } };
  if (!code && !reset) return undefined;
  return {
    name: 'executeCode',
    arguments: { code: code || 'None', language, clearContext: reset },
  };
}

/** What code printed and how it ended, as run_code answers it. */
export function outcomeOf({ structuredContent = {} }: CodeInterpreterResult) {
  const { stdout, stderr, exitCode, executionTime } = structuredContent;
  return {
    exit_code: exitCode,
    stdout,
    stderr,
    seconds: executionTime === undefined ? undefined : Math.round(executionTime * 1000) / 1000,
  };
}

/** What clients can show. The type comes from the code that ran, so no other text may pass as one. */
const shownTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

function imagesOf({ content = [] }: CodeInterpreterResult): Image[] {
  return content.flatMap(({ type, data, mimeType = 'image/png' }) =>
    type === 'image' && data && shownTypes.includes(mimeType)
      ? [{ mimeType, base64: Buffer.from(data).toString('base64') }]
      : [],
  );
}

function listed(what: string, paths: readonly string[]): string | undefined {
  return paths.length > 0 ? `${what}: ${paths.join(', ')}.` : undefined;
}
